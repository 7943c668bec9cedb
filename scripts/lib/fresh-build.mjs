import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./run.mjs";
import { build, buildPage } from "./setup.mjs";

const configuration = [`${root}pnpm-lock.yaml`, `${root}tsconfig.base.json`];

/** Builds all packages, unless they are as this function has left them and so is everything that they are built from. Gives the exit code. */
export function buildIfChanged() {
  const packages = readdirSync(`${root}packages`).map((name) => `${root}packages/${name}`);
  const sources = packages.flatMap((path) => [...filesOf(path), ...filesOf(`${path}/src`, { recursive: true })]);
  return unlessBuilt("The packages are", `${root}.cache/built`, sources, outputsOf(packages), build);
}

/** As {@link buildIfChanged}, the page of examples/react-vite, which must come after it: it is built from the packages too. */
export function buildPageIfChanged() {
  const examples = ["react-vite", "digits", "linear-regression"].map((name) => `${root}examples/${name}`);
  const packages = readdirSync(`${root}packages`).map((name) => `${root}packages/${name}`);
  const folders = examples.flatMap((path) => [`${path}/src`, `${path}/build`]).filter((path) => existsSync(path));
  const sources = [...examples.flatMap((path) => filesOf(path)), ...folders.flatMap((path) => filesOf(path, { recursive: true }))];
  const outputs = [`${examples[0]}/dist/index.html`, ...outputsOf(packages)];
  return unlessBuilt("The page is", `${root}.cache/page-built`, sources, outputs, buildPage);
}

const outputsOf = (packages) => packages.map((path) => `${path}/dist/index.js`);

async function unlessBuilt(what, stampFile, sources, outputs, make) {
  const digest = digestOf([...configuration, ...sources.sort()]);
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === digest + builtAt(outputs)) {
    console.log(`✓ ${what} built already`);
    return 0;
  }
  rmSync(stampFile, { force: true });
  const code = await make();
  if (code !== 0) return code;
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, digest + builtAt(outputs));
  return 0;
}

/** When each was built, by whichever command. */
function builtAt(outputs) {
  const times = outputs.map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? "never");
  return ` ${times.join(" ")}\n`;
}

/** A digest of the paths and contents of everything that a build reads. */
function digestOf(files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(file));
  return hash.digest("hex");
}

function filesOf(folder, options = {}) {
  const names = readdirSync(folder, { ...options, encoding: "utf8" });
  return names.map((name) => join(folder, name)).filter((path) => statSync(path).isFile());
}
