import { anything, isString, limit, type Rule, recordOf, strings, whole } from "./option-rules.ts";

/** Milliseconds that a timer can wait. */
export const duration: Rule = whole(1, 2 ** 31 - 1);

const coreNames = [
  "backend",
  "source",
  "sha256",
  "device",
  "signal",
  "onProgress",
  "onEvent",
  "onCapacity",
  "maxBatchSize",
  "name",
  "version",
  "batching",
  "queueLimit",
  "timeoutMs",
  "warmup",
  "example",
  "nonFinite",
  "retryLost",
  "clock",
] as const;

const limitNames = ["maxModelBytes", "maxNodes", "maxFunctions", "maxDepth", "maxTensorBytes", "maxOpset"] as const;

/** `createPredictor`'s own options, which it has checked. */
export const coreOptions: Readonly<Record<(typeof coreNames)[number], Rule>> = all(coreNames, anything);

/** Limits that a model file must keep: those of `checkModel` of `@predikt/core/onnx`. */
export const limitOptions: Readonly<Record<(typeof limitNames)[number] | "domains", Rule>> = {
  ...all(limitNames, limit),
  domains: strings,
};

/** How a model is downloaded. */
export const downloadOptions: Readonly<Record<"headers" | "retries" | "idleTimeoutMs", Rule>> = {
  headers: recordOf("strings", isString),
  retries: whole(0),
  idleTimeoutMs: duration,
};

function all<Name extends string>(names: readonly Name[], rule: Rule): Record<Name, Rule> {
  return Object.fromEntries(names.map((name) => [name, rule])) as Record<Name, Rule>;
}
