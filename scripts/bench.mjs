// Builds the packages where that has not been done, and runs the benchmarks against them. stdout is for results alone.
import { existsSync } from "node:fs";
import { root, run } from "./lib/run.mjs";
import { buildCommand, installCommand } from "./lib/setup.mjs";

const installed = existsSync(`${root}node_modules`);
const built = ["core", "node", "web", "react"].every((name) => existsSync(`${root}packages/${name}/dist/index.js`));
for (const [wanted, title, command] of [
  [!installed, "Installing dependencies", installCommand],
  [!built, "Building the packages", buildCommand],
]) {
  if (!wanted) continue;
  console.error(`▸ ${title} …`);
  const { code, output } = await run(command);
  if (code === 0) continue;
  console.error(`${output}✗ ${title}`);
  process.exit(code);
}
await import("../bench/main.mjs");
