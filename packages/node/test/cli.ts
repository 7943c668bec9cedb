import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

/** How the command line ended and what it wrote. */
export interface Ended {
  readonly code: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line, running. */
export interface Running {
  readonly child: ChildProcess;
  /** The first match in what it has written to either stream. @throws Error where it ends without */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** All it has written to stderr so far. */
  stderr(): string;
  readonly ended: Promise<Ended>;
}

/** How it is started. */
export interface StartOptions {
  /** Default: a new empty folder. */
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What stdin holds. Default: nothing. */
  readonly input?: string | Uint8Array;
}

const running = new Set<ChildProcess>();

/** Starts the built `predikt` in a process of its own. */
export function startCli(args: readonly string[], { cwd = newFolder(), env = {}, input }: StartOptions = {}): Running {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  running.add(child);
  child.stdin.on("error", () => {}).end(input);
  const output = { stdout: "", stderr: "" };
  const looking = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      for (const look of [...looking]) look();
    });
  }
  const ended = once(child, "close").then(([code, signal]): Ended => {
    running.delete(child);
    return { code: (code ?? signal) as Ended["code"], ...output };
  });
  const said = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(output.stdout) ?? pattern.exec(output.stderr);
        if (match === null) return;
        looking.delete(look);
        resolve(match);
      };
      looking.add(look);
      look();
      void ended.then(({ code }) => reject(new Error(`ended with ${code} before ${pattern}:\n${output.stdout}\n${output.stderr}`)));
    });
  return { child, said, stderr: () => output.stderr, ended };
}

/** Runs the built `predikt` to its end. */
export function runCli(args: readonly string[], options?: StartOptions): Promise<Ended> {
  return startCli(args, options).ended;
}

/** Ends what a test has left behind; for `afterEach`. */
export function endAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** A new empty folder. */
export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), "predikt-cli-"));
}

/** A file of the repository's examples. */
export function exampleFile(path: string): string {
  return fileURLToPath(new URL(`../../../examples/${path}`, import.meta.url));
}
