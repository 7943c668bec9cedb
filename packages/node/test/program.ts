import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A program of test/programs that was started, and what came of it. */
export interface Program {
  readonly child: ChildProcess;
  /** Resolves once the text has been printed to stdout. */
  printed(text: string | RegExp): Promise<string>;
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

/** Starts a program in a Node process of its own. It runs against the built package. */
export function start(name: string, ...args: readonly string[]): Program {
  const child = spawn(process.execPath, [fileURLToPath(new URL(`programs/${name}.mjs`, import.meta.url)), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  const waiting: (() => void)[] = [];
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk;
    for (const check of waiting) check();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk;
  });
  return {
    child,
    printed: (text) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (typeof text === "string" ? stdout.includes(text) : text.test(stdout)) resolve(stdout);
        };
        waiting.push(check);
        check();
      }),
    ended: new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }))),
  };
}

/** Writes bytes to a file of a new folder and gives its path. */
export function writeModelFile(bytes: Uint8Array, name = "model.onnx"): string {
  const path = join(mkdtempSync(join(tmpdir(), "predikt-test-")), name);
  writeFileSync(path, bytes);
  return path;
}

/** The code of the error that a promise rejects with, or the error itself where it has none. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
  return "it resolved";
}
