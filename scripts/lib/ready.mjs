import { existsSync } from "node:fs";
import { root, run } from "./run.mjs";
import { buildCommand, installCommand } from "./setup.mjs";

/** Installs and builds where that has not been done. stdout is for results alone. Ends the process where it fails. */
export async function ready() {
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
}
