import { readFile } from "node:fs/promises";
import { UsageError } from "../lib/failure.ts";
import { isHttpUrl } from "../lib/model-bytes.ts";
import type { Terminal } from "../lib/terminal.ts";
import type { BenchOptions } from "./command.ts";
import { fileSubject } from "./file-subject.ts";
import type { Subject } from "./measure.ts";
import { serverSubject } from "./server-subject.ts";

/** A subject that is open. */
export interface OpenSubject extends Subject {
  /** For people: what is measured. */
  readonly what: string;
  readonly protocol: string;
  /** Whose CPU this process's is. */
  readonly cpuOf: string;
  close(): Promise<void>;
}

/** Opens what is to be measured and asks it once. @throws UsageError, Failure; PrediktError */
export async function openSubject(target: string, options: BenchOptions, terminal: Terminal): Promise<OpenSubject> {
  const input = options.input === undefined ? undefined : await readJson(options.input);
  const isFile = !isHttpUrl(target) || /\.onnx$/i.test(new URL(target).pathname);
  const subject = isFile ? await fileSubject(target, input, options, terminal) : await serverSubject(target, input, options);
  try {
    // A request that cannot succeed is told at once, and not as a thousand errors.
    await subject.ask();
    return subject;
  } catch (error) {
    await subject.close();
    throw error;
  }
}

async function readJson(text: string): Promise<unknown> {
  const isJson = /^\s*[[{"\d-]/.test(text) && !/\.json$/.test(text);
  try {
    return JSON.parse(isJson ? text : await readFile(text, "utf8"));
  } catch (cause) {
    throw new UsageError(`--input: ${(cause as Error).message}`, { cause });
  }
}
