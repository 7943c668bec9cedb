import type { CommonOptions, OpenRequest } from "@predikt/core";
import {
  anything,
  callable,
  checkRules,
  isObject,
  isString,
  oneOf,
  plainData,
  type Rule,
  type Rules,
  recordOf,
  whole,
} from "@predikt/core/runtime";
import type { DownloadOptions, WebOptions, WorkerOptions } from "./options.ts";

const duration = whole(1, 2 ** 31 - 1);
const isFile = (value: unknown): boolean => isString(value) || value instanceof URL || value instanceof Uint8Array;

const download = {
  headers: recordOf("strings", isString),
  retries: whole(0),
  idleTimeoutMs: duration,
} satisfies Record<keyof DownloadOptions, Rule>;

const worker = {
  factory: callable,
  definitions: callable,
  hangTimeoutMs: duration,
} satisfies Record<keyof WorkerOptions, Rule>;

const base: Rule = { expected: "an address", fits: (value) => isString(value) || value instanceof URL };

const rules = {
  threads: whole(1),
  assets: { inner: { base } },
  worker: { inner: worker },
  store: oneOf("auto", "opfs", "cache", "memory", "none"),
  size: whole(1),
  limits: { expected: "an object of plain JSON", fits: (value) => isObject(value) && plainData.fits(value) },
  externalData: recordOf(
    "addresses, bytes, or { source, sha256, size }",
    (value) => isFile(value) || (isObject(value) && isFile(value["source"])),
  ),
  download: { inner: download },
  sessionOptions: plainData,
} satisfies Record<keyof WebOptions, Rule | object>;

/** The names of core's options, which core has checked. */
const coreOptions = {
  backend: anything,
  source: anything,
  sha256: anything,
  device: anything,
  signal: anything,
  onProgress: anything,
  onEvent: anything,
  onCapacity: anything,
  maxBatchSize: anything,
  name: anything,
  version: anything,
  batching: anything,
  queueLimit: anything,
  timeoutMs: anything,
  warmup: anything,
  example: anything,
  nonFinite: anything,
  retryLost: anything,
  clock: anything,
} satisfies Record<"backend" | keyof OpenRequest | keyof CommonOptions, Rule>;

/** Checks the names of all options, and the values of those that are this backend's own. @throws ConfigError CONFIG_INVALID */
export function checkOptions({ worker: given, ...request }: OpenRequest & WebOptions): void {
  checkRules({ ...request, worker: given === false ? undefined : given }, { ...coreOptions, ...rules } as Rules);
}
