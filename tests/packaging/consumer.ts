import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));
/** The packages, each after those that it needs. */
export const packages = ["core", "node", "web", "react"] as const;

/** What a program printed and how it ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, or to its kill after four minutes. */
export function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, NODE_OPTIONS: "", ...env }, timeout: 240_000, maxBuffer: 2 ** 26 };
    execFile(program, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
  });
}

/** Packs the packages as they would be published. Gives the tarballs' paths by package. @throws Error where they are not built. */
export async function packAll(folder: string): Promise<Record<(typeof packages)[number], string>> {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { packageManager: string };
  const paths = await Promise.all(
    packages.map(async (name) => {
      const cwd = join(root, "packages", name);
      if (!existsSync(join(cwd, "dist"))) throw new Error(`packages/${name} is not built: run npm run build first`);
      const path = join(folder, `${name}.tgz`);
      const { code, stdout, stderr } = await run("npx", ["--prefer-offline", "-y", packageManager, "pack", "--out", path], cwd);
      if (code !== 0) throw new Error(stdout + stderr);
      return [name, path] as const;
    }),
  );
  return Object.fromEntries(paths) as Record<(typeof packages)[number], string>;
}

/** A new folder outside of the repository, with the test's programs and a package.json, and nothing installed. */
export function emptyProject(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "predikt-consumer-")));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, version: "1.0.0", type: "module" }));
  mkdirSync(join(folder, "src"));
  cpSync(join(root, "tests/packaging/programs"), join(folder, "src"), { recursive: true });
  return folder;
}

/** Installs with npm, no install scripts run. @throws Error with npm's own words. */
export async function npmInstall(folder: string, specs: readonly string[]): Promise<void> {
  const args = ["install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", ...specs];
  const { code, stdout, stderr } = await run("npm", args, folder, { ONNXRUNTIME_NODE_INSTALL: "skip" });
  if (code !== 0) throw new Error(`npm could not install ${specs.join(" ")}:\n${stdout}${stderr}`);
}

/** The exact version of a package that the repository itself is tested with. */
export function versionOf(workspace: string, name: string): string {
  const path = join(root, workspace, "node_modules", name, "package.json");
  return `${name}@${(JSON.parse(readFileSync(path, "utf8")) as { version: string }).version}`;
}

/** Every file of an installed package below its root. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" });
}
