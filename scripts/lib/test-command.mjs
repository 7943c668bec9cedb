import { readFileSync, rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { resultsFile } from "./reporter.mjs";
import { root, step } from "./run.mjs";
import { build, buildPage, install } from "./setup.mjs";

const projects = ["core", "node", "web", "react", "react-18", "tests", "examples", "types"];
const help = `npm test: installs the dependencies, builds the packages and runs every test that can run on this machine.

  npm test                     everything
  npm test -- --no-setup       without installing and building, which must have been done
  npm test -- --no-tools       without scripts/tools, which as root installs Chromium and Prometheus with apt-get where they are missing
  npm test -- <words>          only test files whose path contains one of the words
  npm test -- --project core   only one project: ${projects.join(", ")}
  npm test -- -t <name>        only tests whose name matches
  npm test -- --help           this text

Needs Node 20.19 or later, npm, and npm's registry. What else single tests need from the system is installed by scripts/tools where it may
(Debian or Ubuntu, as root); without it they are skipped, and listed at the end with the reason. The last line is "N passed, N failed". The exit code is 0 only if nothing failed.`;

const { options, vitestArgs } = readOptions();
if (options.help) {
  console.log(help);
  process.exit(0);
}

rmSync(resultsFile, { force: true });
let code = options["no-setup"] ? 0 : await setup();
if (code === 0) {
  const reporters = ["--reporter=default", `--reporter=${root}scripts/lib/reporter.mjs`];
  const vitest = [process.execPath, `${root}node_modules/vitest/vitest.mjs`, "run", ...reporters, ...vitestArgs];
  code = await step("Running the tests", vitest, { live: true });
}
const totals = readTotals() ?? { passed: 0, failed: 1, skipped: [] };
const unexplained = tellSkipped(totals.skipped, vitestArgs.length === 0);
code ||= unexplained;
if (code !== 0 && totals.failed === 0) totals.failed = 1;
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exit(code === 0 && totals.failed > 0 ? 1 : code);

/** Reads the command line before anything is done; a wrong one ends the process. */
function readOptions() {
  const flag = { type: "boolean", default: false };
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        ...{ "no-setup": flag, "no-tools": flag, help: { ...flag, short: "h" } },
        project: { type: "string", multiple: true, default: [] },
        name: { type: "string", short: "t", multiple: true, default: [] },
      },
    });
    const unknown = values.project.find((name) => !projects.includes(name));
    if (unknown !== undefined) throw new Error(`--project takes ${projects.join(", ")}, not "${unknown}"`);
    const named = values.project.flatMap((name) => ["--project", name]);
    return { options: values, vitestArgs: [...named, ...values.name.flatMap((name) => ["-t", name]), ...positionals] };
  } catch (error) {
    // Node's own message goes on about arguments that begin with a dash.
    console.error(`${error.message.split(". ", 1)[0]}. npm test -- --help lists the options.`);
    process.exit(2);
  }
}

/** Prepares everything. Only a test that says so may lack a system tool, so a missing one stops nothing. */
async function setup() {
  const failed = (await install()) || (await build()) || (await buildPage());
  if (!failed && !options["no-tools"] && process.platform !== "win32")
    await step("Looking for system tools", ["bash", `${root}scripts/tools`, "tests"], { live: true });
  return failed;
}

function readTotals() {
  try {
    return JSON.parse(readFileSync(resultsFile, "utf8"));
  } catch {
    return undefined;
  }
}

/** Says what was skipped and why; a skip without a reason fails a full run, so that none goes unnoticed. */
function tellSkipped(skipped, full) {
  if (skipped.length === 0) {
    console.log("\nNothing was skipped.");
    return 0;
  }
  const groups = new Map();
  for (const { file, reason } of skipped) {
    const key = `${file}: ${reason ?? "NO REASON GIVEN"}`;
    groups.set(key, (groups.get(key) ?? 0) + 1);
  }
  console.log(`\n${skipped.length} tests were skipped:`);
  for (const [key, count] of groups) console.log(`  ${count} × ${key}`);
  if (!full || skipped.every(({ reason }) => reason !== undefined)) return 0;
  console.log('A skip must say why: context.skip("needs …"), or "(needs …)" in the title of its suite.');
  return 1;
}
