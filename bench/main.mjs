import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { rows } from "./rows/index.mjs";
import { chromiumVersion } from "./web/lib/chromium.mjs";

const help = `Usage: npm run bench -- [name ...] [options]

Measures what the documents claim, each against the raw runtime or a peer in the same run.

  --json     one JSON line per row: { name, ratio, target, pass, … }
  --write    write the results to bench/results.md; those that were not measured now stay
  --quick    one short round each, to see that they work
  --strict   exit with 1 where a target is missed
  --help

Names: ${rows.map(({ name }) => name).join(", ")}`;

const kept = new URL("results.md", import.meta.url);
const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: Object.fromEntries(["json", "write", "quick", "strict", "help"].map((name) => [name, { type: "boolean", default: false }])),
});
const unknown = names.filter((name) => !rows.some((row) => row.name === name));
if (options.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`there is no benchmark ${unknown.join(", ")}\n`);
  console.log(help);
  process.exit(unknown.length > 0 ? 1 : 0);
}

const chosen = rows.filter(({ name }) => names.length === 0 || names.includes(name));
const browser = rows.some(({ inBrowser }) => inBrowser) ? chromiumVersion() : undefined;
const machine = `${cpus()[0]?.model ?? "unknown CPU"}, ${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform} ${process.arch}${browser === undefined ? "" : `, ${browser}`}`;
if (!options.json) console.log(`${machine}\n`);
const results = [];
for (const row of chosen) {
  const result = await measured(row);
  results.push({ ...result, row });
  if (options.json) console.log(JSON.stringify({ ...result, machine }));
  else console.log(line(result, row));
}
if (options.write) writeFileSync(kept, table(results));
if (options.strict && results.some(({ pass }) => pass === false)) process.exitCode = 1;

async function measured(row) {
  const { name, what, target, atLeast = false } = row;
  const skipped = row.missing?.();
  if (skipped !== undefined) return { name, what, target, skipped };
  const { ratio, ...figures } = await row.measure(options);
  const pass = target === undefined ? undefined : atLeast ? ratio >= target : ratio <= target;
  return { name, what, ratio: rounded(ratio), target, pass, ...rounded(figures) };
}

function rounded(value) {
  if (typeof value === "number") return Number(value.toPrecision(4));
  if (typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, figure]) => [key, rounded(figure)]));
}

function line({ name, ratio, pass, skipped, what, ...rest }, row) {
  const { unit = "×", why } = row;
  if (skipped !== undefined) return `- ${name}: skipped: ${skipped}\n`;
  const figures = Object.entries(rest).filter(([key]) => key !== "target");
  const must = row.target === undefined ? bound(row) : `must be ${bound(row)}`;
  const texts = why === undefined ? what : `${what}\n  ${why}`;
  return `${mark(pass)} ${name}: ${ratio} ${unit} (${must})\n  ${texts}\n  ${figures.map(([key, figure]) => `${key} ${figure}`).join(", ")}\n`;
}

/** The results measured now, in place of those that were kept; the machine is the one of now. */
function table(measured) {
  const old = existsSync(kept) ? readFileSync(kept, "utf8").split("\n") : [];
  const lines = rows.flatMap(({ name }) => {
    const now = measured.find((result) => result.name === name);
    return now === undefined ? old.filter((text) => text.startsWith(`| ${name} |`)) : [tableRow(now)];
  });
  return `# Measured\n\nWritten by \`npm run bench -- --write\`. ${machine}.\n\n| name | what | must be | is |\n|---|---|---|---|\n${lines.join("\n")}\n`;
}

function tableRow({ name, ratio, pass, skipped, what, row }) {
  const { unit = "×", why } = row;
  const is = skipped === undefined ? `${ratio} ${unit} ${why === undefined ? mark(pass) : `(${why})`}` : `skipped: ${skipped}`;
  return `| ${name} | ${what} | ${bound(row)} | ${is} |`;
}

function bound({ target, atLeast, unit = "×" }) {
  return target === undefined ? "reported" : `${atLeast ? "≥" : "≤"} ${target} ${unit}`;
}

function mark(pass) {
  return pass === undefined ? "–" : pass ? "✓" : "✗";
}
