import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { loopsFor } from "./lib/start.mjs";
import kill from "./scenarios/kill.mjs";
import mixed from "./scenarios/mixed.mjs";
import overload from "./scenarios/overload.mjs";
import swap from "./scenarios/swap.mjs";

const scenarios = [swap, kill, mixed, overload];
const help = `Usage: npm run soak -- [name ...] [options]

Loads a server of its own for a while, and tells whether it bore it. The model takes 12 ms a run.

  --quick    some seconds each, to see that they work
  --json     one JSON line each
  --write    write the results to soak/results.md; those that were not measured now stay
  --help

Names: ${scenarios.map(({ name, seconds }) => `${name} (${seconds} s)`).join(", ")}. Exits with 1 where one fails.`;

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: Object.fromEntries(["quick", "json", "write", "help"].map((name) => [name, { type: "boolean", default: false }])),
});
const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
if (options.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`there is no scenario ${unknown.join(", ")}\n`);
  console.log(help);
  process.exit(unknown.length > 0 ? 1 : 0);
}

const how = `An open loop: requests are sent at random moments at a given rate, from a process of its own on the same machine, and latency counts from the moment
at which each was due. Capacity is in requests per second, of four clients that ask one after another. \`generatorCpu\` is the generator's own CPU time, as a
share of one core, and \`exitCode\` how the server ended. [README.md](README.md) tells more.`;
const machine = `${cpus()[0]?.model ?? "unknown CPU"}, ${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform} ${process.arch}`;
const loops = await loopsFor(12);
const results = [];
for (const { name, what, seconds, run } of scenarios) {
  if (names.length > 0 && !names.includes(name)) continue;
  if (!options.json) console.error(`▸ ${name}: ${what} (${options.quick ? 6 : seconds} s) …`);
  const figures = await run({ loops, seconds: options.quick ? 6 : seconds, quick: options.quick });
  const result = { name, what, ...figures };
  results.push(result);
  console.log(options.json ? JSON.stringify({ ...result, machine }) : `${figures.pass ? "✓" : "✗"} ${name}: ${told(figures)}`);
}
if (options.write) write();
if (results.some(({ pass }) => !pass)) process.exitCode = 1;

function told({ pass, ...figures }) {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${Number(Number(value).toPrecision(4))}`)
    .join(", ");
}

function write() {
  const file = new URL("results.md", import.meta.url);
  const kept = existsSync(file) ? readFileSync(file, "utf8") : "";
  // Of another machine, nothing stays.
  const old = kept.includes(`\`. ${machine}.\n`) ? kept.split("\n") : [];
  const lines = scenarios.flatMap(({ name }) => {
    const now = results.find((result) => result.name === name);
    if (now === undefined) return old.filter((line) => line.startsWith(`| ${name} |`));
    const { what, pass, name: _, ...figures } = now;
    return [`| ${name} | ${what} | ${pass ? "✓" : "✗"} | ${told(figures)} |`];
  });
  writeFileSync(
    file,
    `# Endured\n\nWritten by \`npm run soak -- --write\`. ${machine}.\n\n${how}\n\n| name | what | borne | figures |\n|---|---|---|---|\n${lines.join("\n")}\n`,
  );
}
