import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { minutes, root, run } from "./lib/run.mjs";
import { pnpm } from "./lib/setup.mjs";

const started = Date.now();
const bin = `${root}node_modules/.bin/`;
const out = `${root}.cache/packages`;
mkdirSync(out, { recursive: true });

let failed = 0;
const folders = readdirSync(`${root}packages`);
for (const name of folders) {
  const cwd = `${root}packages/${name}`;
  const manifest = JSON.parse(readFileSync(`${cwd}/package.json`, "utf8"));
  const tarball = `${out}/${name}.tgz`;
  // Without require conditions it is an ES module package by design.
  const profile = JSON.stringify(manifest.exports).includes('"require"') ? "node16" : "esm-only";
  const problem =
    (existsSync(`${cwd}/dist`) ? undefined : `packages/${name} is not built: npm run build`) ??
    (await complaint(pnpm("pack", "--out", tarball), cwd)) ??
    // publint sees a package without types, which attw lets pass.
    (await complaint([`${bin}publint`, tarball, "--strict"], cwd)) ??
    (await complaint([`${bin}attw`, tarball, "--profile", profile, "--no-emoji"], cwd));
  console.log(`${problem === undefined ? "✓" : "✗"} ${manifest.name} (${profile})`);
  if (problem !== undefined) {
    console.log(problem);
    failed++;
  }
}
console.log(`packages: ${folders.length - failed} of ${folders.length} are right (${minutes(Date.now() - started)})`);
process.exit(failed === 0 ? 0 : 1);

async function complaint(command, cwd) {
  const { code, output } = await run(command, { cwd });
  return code === 0 ? undefined : `${command.join(" ")}\n${output}`;
}
