import { readFileSync, rmSync } from "node:fs";
import { resultsFile } from "./lib/reporter.mjs";
import { minutes, root, step } from "./lib/run.mjs";

const help = `npm run test:bundlers: packs the packages, installs them into applications of Vite, webpack and Next in temporary folders, builds those and
examples/next-app, and opens them in Chromium. It takes about ten minutes on two cores.

  npm run test:bundlers                 everything
  npm run test:bundlers -- vite         only test files whose path contains one of the words; any option of vitest

Needs Chromium (scripts/tools) and npm's registry. The last line is "N passed, N failed".`;

const args = process.argv.slice(2);
if (args.includes("--help")) {
  console.log(help);
  process.exit(0);
}

const started = Date.now();
let passed = 0;
let failed = 0;
let code = await step("Packing the packages", [process.execPath, `${root}scripts/pack.mjs`]);
if (code === 0) {
  const reporters = ["--reporter=verbose", `--reporter=${root}scripts/lib/reporter.mjs`];
  const vitest = [process.execPath, `${root}node_modules/vitest/vitest.mjs`, "run", "--passWithNoTests"];
  for (const [title, config] of [
    ["Running the tests", "tests/bundlers/vitest.config.ts"],
    ["Running those of the examples", "examples/vitest.bundlers.config.ts"],
  ]) {
    rmSync(resultsFile, { force: true });
    const ended = await step(title, [...vitest, "--config", root + config, ...reporters, ...args], { live: true });
    code ||= ended;
    const part = totals();
    passed += part.passed;
    failed += part.failed;
  }
}
console.log(`\n${passed} passed, ${failed} failed (${minutes(Date.now() - started)})`);
process.exitCode = code || (failed > 0 ? 1 : 0);

function totals() {
  try {
    return JSON.parse(readFileSync(resultsFile, "utf8"));
  } catch {
    return { passed: 0, failed: 1 };
  }
}
