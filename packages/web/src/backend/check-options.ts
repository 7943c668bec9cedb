import type { OpenRequest } from "@predikt/core";
import {
  callable,
  checkRules,
  coreOptions,
  downloadOptions,
  duration,
  isObject,
  isString,
  limitOptions,
  oneOf,
  plainData,
  type Rule,
  type Rules,
  recordOf,
  whole,
} from "@predikt/core/runtime";
import type { DownloadOptions, WebOptions, WorkerOptions } from "./options.ts";

const isFile = (value: unknown): boolean => isString(value) || value instanceof URL || value instanceof Uint8Array;

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
  limits: { inner: limitOptions },
  externalData: recordOf(
    "addresses, bytes, or { source, sha256, size }",
    (value) => isFile(value) || (isObject(value) && isFile(value["source"])),
  ),
  download: { inner: downloadOptions satisfies Record<keyof DownloadOptions, Rule> },
  sessionOptions: plainData,
} satisfies Record<keyof WebOptions, Rule | object>;

/** Checks the names of all options, and the values of those that are this backend's own. @throws ConfigError CONFIG_INVALID */
export function checkOptions({ worker: given, ...request }: OpenRequest & WebOptions): void {
  checkRules({ ...request, worker: given === false ? undefined : given }, { ...coreOptions, ...rules } as Rules);
}
