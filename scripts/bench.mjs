// Builds the packages where that has not been done, and runs the benchmarks against them.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const help = process.argv.includes("--help");
if (!help && ["core", "node"].some((name) => !existsSync(`${root}/packages/${name}/dist/index.js`))) {
  console.error("building the packages …");
  execFileSync("pnpm", ["run", "build"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
}
await import("../bench/main.mjs");
