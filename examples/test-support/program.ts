import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const examples = fileURLToPath(new URL("..", import.meta.url));

/** A program that a test has started. */
export interface Program {
  readonly child: ChildProcess;
  /** All it has said so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** The first match in what it says, as soon as it is there. @throws Error with all it said where it ends without */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Runs a script of an example's package.json as npm would, in the example's folder, with this Node and PORT 0 unless told otherwise. */
export function startScript(example: string, script: string, { args = [] as string[], env = {} as NodeJS.ProcessEnv } = {}): Program {
  const { scripts } = JSON.parse(readFileSync(`${examples}${example}/package.json`, "utf8")) as { scripts: Record<string, string> };
  const [program, ...rest] = scripts[script]?.split(" ") ?? [];
  if (program !== "node") throw new Error(`the script ${script} of ${example} does not run node`);
  return startNode([...rest, ...args], { cwd: examples + example, env: { PORT: "0", ...env } });
}

/** Runs this Node with `args`; by default in the repository's root. Its stdin is empty and its output no terminal. */
export function startNode(args: readonly string[], { cwd = `${examples}..`, env = {} as NodeJS.ProcessEnv } = {}): Program {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, NODE_OPTIONS: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const output = { stdout: "", stderr: "" };
  const waiting = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      for (const look of [...waiting]) look();
    });
  }
  const ended = once(child, "close").then(([code, signal]) => {
    running.delete(child);
    return (code ?? signal) as number | NodeJS.Signals;
  });
  const said = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(output.stdout);
        if (match === null) return;
        waiting.delete(look);
        resolve(match);
      };
      waiting.add(look);
      look();
      void ended.then((code) => reject(new Error(`ended with ${code} before it said ${pattern}:\n${output.stdout}\n${output.stderr}`)));
    });
  return { child, stdout: () => output.stdout, stderr: () => output.stderr, said, ended };
}

const running = new Set<ChildProcess>();

/** Ends what a failed test has left behind; for `afterEach`. */
export function endAll(): void {
  for (const child of running) child.kill("SIGKILL");
}
