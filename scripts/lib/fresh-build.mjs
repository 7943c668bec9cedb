import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./run.mjs";
import { build } from "./setup.mjs";

const stampFile = `${root}.cache/built`;

/** Builds all packages, unless they are as {@link buildIfChanged} has left them and so is everything that they are built from. Gives the exit code. */
export async function buildIfChanged() {
  const packages = readdirSync(`${root}packages`).map((name) => `${root}packages/${name}`);
  const sources = digest(packages);
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === sources + builtAt(packages)) {
    console.log("✓ The packages are built already");
    return 0;
  }
  rmSync(stampFile, { force: true });
  const code = await build();
  if (code !== 0) return code;
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, sources + builtAt(packages));
  return 0;
}

/** When each package was built, by whichever command. */
function builtAt(packages) {
  const times = packages.map((path) => statSync(`${path}/dist/index.js`, { throwIfNoEntry: false })?.mtimeMs ?? "never");
  return ` ${times.join(" ")}\n`;
}

/** A digest of the paths and contents of everything that a build reads. */
function digest(packages) {
  const inside = packages.flatMap((path) => [...filesOf(path), ...filesOf(`${path}/src`, { recursive: true })]);
  const hash = createHash("sha256");
  for (const file of [`${root}pnpm-lock.yaml`, `${root}tsconfig.base.json`, ...inside.sort()]) {
    hash.update(`${file}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

function filesOf(folder, options = {}) {
  const names = readdirSync(folder, { ...options, encoding: "utf8" });
  return names.map((name) => join(folder, name)).filter((path) => statSync(path).isFile());
}
