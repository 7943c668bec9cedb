import { readFileSync } from "node:fs";
import { root, step } from "./run.mjs";

const { packageManager } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));

/** A command line for the project's own pnpm, fetched by npm where it is missing; once it is there, no network is asked. */
export const pnpm = (...args) => ["npx", "--prefer-offline", "-y", packageManager, ...args];

/** Installs the dependencies exactly as the lockfile has them. */
export const installCommand = pnpm("install", "--frozen-lockfile");

/** Builds all packages. */
export const buildCommand = pnpm("-r", "--filter", "./packages/*", "run", "build");

/** Builds the page that `npm start` serves. */
export const buildPageCommand = pnpm("--filter", "@predikt/example-react-vite", "run", "build");

/** Runs {@link installCommand}. Gives the exit code. */
export async function install() {
  const code = await step("Installing dependencies", installCommand);
  if (code !== 0) console.error("The dependencies could not be installed: npm's registry must be reachable (see the lines above).");
  return code;
}

/** Runs {@link buildCommand}. Gives the exit code. */
export function build() {
  return step("Building the packages", buildCommand);
}

/** Runs {@link buildPageCommand}, which takes built packages. Gives the exit code. */
export function buildPage() {
  return step("Building the page", buildPageCommand);
}
