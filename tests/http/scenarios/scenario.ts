import { expect } from "vitest";
import type { Ask } from "../send.ts";

/** One request of the table and the reply that every adapter must give. */
export interface Scenario {
  readonly name: string;
  readonly ask: Ask;
  readonly status: number;
  /** The JSON body, the text, or the bytes; asymmetric matchers are welcome. Absent: not looked at. */
  readonly body?: unknown;
  /** Headers that the reply must have; `undefined` for one that it must not have. */
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** Paths below the mount, as the server sees them. */
export function at(path: string): string {
  return `/api${path}`;
}

export const binary = { "content-type": "application/octet-stream" };

/** An error body: its code, its message, and its issues as `[path, expected, received]`. */
export function failure(
  code: string,
  error: unknown,
  ...issues: readonly (readonly [path: string, expected: string, received: string])[]
): object {
  const list = issues.map(([path, expected, received]) => expect.objectContaining({ path, expected, received }));
  return { error, code, ...(issues.length === 0 ? {} : { issues: list }) };
}

/** Raw little-endian floats. */
export function floats(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}
