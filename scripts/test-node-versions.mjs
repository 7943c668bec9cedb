import { existsSync, readFileSync, rmSync } from "node:fs";
import { delimiter, dirname } from "node:path";
import { resultsFile } from "./lib/reporter.mjs";
import { minutes, root, run, step } from "./lib/run.mjs";

// The plain binary packages, which need no install script. Both lines are long-term support releases.
const versions = ["22.23.3", "24.21.0"];
const help = `npm run test:node-versions: runs the tests again on Node ${versions.join(" and ")}, which npm fetches once into .cache/node.

  npm run test:node-versions                      every test, after npm test has set everything up
  npm run test:node-versions -- --project core    only that project; any option of vitest

The last line is "N passed, N failed". A Node that cannot be had counts as one failure.`;

const args = process.argv.slice(2);
if (args.includes("--help")) {
  console.log(help);
  process.exit(0);
}

const started = Date.now();
let passed = 0;
let failed = 0;
const reporters = ["--reporter=default", `--reporter=${root}scripts/lib/reporter.mjs`];
for (const version of versions) {
  const node = await binary(version);
  if (node === undefined) {
    failed++;
    continue;
  }
  // Programs that tests start by name get this Node as well.
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
  const { output } = await run([node, "--version"]);
  rmSync(resultsFile, { force: true });
  const code = await step(
    `Running the tests on Node ${output.trim()}`,
    [node, `${root}node_modules/vitest/vitest.mjs`, "run", ...reporters, ...args],
    {
      live: true,
      env,
    },
  );
  const totals = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, "utf8")) : { passed: 0, failed: 1, skipped: [] };
  passed += totals.passed;
  failed += totals.failed || (code === 0 ? 0 : 1);
  console.log(`Node ${version}: ${totals.passed} passed, ${totals.failed} failed, ${totals.skipped.length} skipped`);
}
console.log(`\nall versions: ${minutes(Date.now() - started)}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/** The path of that version's binary, fetched where it is missing; undefined, with the reason printed, where it cannot be had. */
async function binary(version) {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = `${root}.cache/node/${version}`;
  const path = `${folder}/node_modules/${name}/bin/node`;
  if (existsSync(path)) return path;
  const npm = ["npm", "install", "--prefix", folder, "--no-save", "--ignore-scripts", "--no-package-lock", `${name}@${version}`];
  const code = await step(`Fetching Node ${version}`, npm);
  if (code === 0 && existsSync(path)) return path;
  console.log(`✗ Node ${version}: npm has no ${name}@${version}, or its registry cannot be reached`);
  return undefined;
}
