import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { contractModels } from "@predikt/core/testing";
import { npmInstall, root, run } from "../packaging/consumer.ts";

const fixtures = join(root, "tests/bundlers/fixtures");

/** An application outside of the repository, with the packed packages installed. */
export interface App {
  readonly folder: string;
  /** Copies a fixture into the application. */
  add(fixture: string, to?: string): void;
  write(path: string, text: string | Uint8Array): void;
  /** Runs a bundler's program, given by its path in node_modules, to its end. @throws Error with what it printed, where it fails */
  build(program: string, ...args: string[]): Promise<string>;
  /** Starts a server of the bundler, and gives its address once it has printed one. */
  serve(program: string, ...args: string[]): Promise<Served>;
  /** The files below a folder, each with its size, largest first. */
  files(folder: string): readonly { readonly path: string; readonly bytes: number }[];
  remove(): void;
}

/** A bundler's server. */
export interface Served {
  readonly url: string;
  readonly output: () => string;
  stop(): Promise<void>;
}

/** The tarballs that `npm run pack` makes. @throws Error where it has not run */
export function packed(...names: readonly string[]): string[] {
  const paths = names.map((name) => join(root, ".cache/packs", `${name}.tgz`));
  if (!paths.every((path) => existsSync(path))) throw new Error("the packages are not packed: run npm run pack first");
  return paths;
}

/** Makes an application in a new folder of its own, with the model that it serves, and installs. */
export async function makeApp(name: string, specs: readonly string[] | ((folder: string) => Promise<readonly string[]>)): Promise<App> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `predikt-${name}-`)));
  const app: App = {
    folder,
    add: (fixture, to = fixture) => cpSync(join(fixtures, fixture), join(folder, to), { recursive: true }),
    write: (path, text) => {
      mkdirSync(join(folder, path, ".."), { recursive: true });
      writeFileSync(join(folder, path), text);
    },
    build: async (program, ...args) => {
      const { code, stdout, stderr } = await run(process.execPath, [join("node_modules", program), ...args], folder, quiet);
      if (code !== 0) throw new Error(`${program} ${args.join(" ")}:\n${stdout}${stderr}`);
      return stdout + stderr;
    },
    serve: (program, ...args) => serve(folder, program, args),
    files: (below) => {
      const inside = readdirSync(join(folder, below), { recursive: true, encoding: "utf8" }).map((path) => join(folder, below, path));
      const sizes = inside.map((path) => ({ path: relative(folder, path), stats: statSync(path) }));
      return sizes
        .filter(({ stats }) => stats.isFile())
        .map(({ path, stats }) => ({ path, bytes: stats.size }))
        .sort((a, b) => b.bytes - a.bytes);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  app.write("package.json", JSON.stringify({ name: "app", private: true, version: "1.0.0", type: "module" }));
  app.write("public/model.onnx", contractModels().linear);
  await npmInstall(folder, typeof specs === "function" ? await specs(folder) : specs);
  return app;
}

/** No bundler is to phone home, to colour what it prints, or to think that it runs in a test. */
const quiet = { NODE_ENV: undefined, VITEST: undefined, NO_COLOR: "1", FORCE_COLOR: undefined, NEXT_TELEMETRY_DISABLED: "1" };

function serve(folder: string, program: string, args: readonly string[]): Promise<Served> {
  const child: ChildProcess = spawn(process.execPath, [join("node_modules", program), ...args], {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: "", ...quiet },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  let output = "";
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        const address = /http:\/\/(?:127\.0\.0\.1|localhost):(\d+)/.exec(output);
        if (address !== null) resolve({ url: `http://127.0.0.1:${address[1]}`, output: () => output, stop });
      });
    }
    void ended.then(() => reject(new Error(`${program} ${args.join(" ")} ended before it served:\n${output}`)));
  });
}
