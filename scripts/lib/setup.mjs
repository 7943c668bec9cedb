import { readFileSync } from "node:fs";
import { root, step } from "./run.mjs";

const { packageManager } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));

/** A command line for the project's own pnpm, fetched by npm where it is missing. */
export const pnpm = (...args) => ["npx", "-y", packageManager, ...args];

/** Installs the dependencies exactly as the lockfile has them. Gives the exit code. */
export async function install() {
  const code = await step("Installing dependencies", pnpm("install", "--frozen-lockfile"));
  if (code !== 0) console.error("The dependencies could not be installed: npm's registry must be reachable (see the lines above).");
  return code;
}

/** Builds all packages. Gives the exit code. */
export function build() {
  return step("Building the packages", pnpm("-r", "--filter", "./packages/*", "run", "build"));
}
