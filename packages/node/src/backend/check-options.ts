import { ConfigError, type OpenRequest } from "@predikt/core";
import type { CheckLimits } from "@predikt/core/onnx";
import {
  anything,
  boolean,
  callable,
  checkRules,
  deviceList,
  isString,
  limit,
  oneOf,
  plainData,
  type Rule,
  recordOf,
  strings,
  whole,
} from "@predikt/core/runtime";
import type { NodePredictorOptions } from "./create-predictor.ts";
import type { CudaOptions, DownloadOptions, Execution, NodeOptions } from "./options.ts";
import { isWasm } from "./runtime.ts";

/** Milliseconds that a timer can wait. */
const duration = whole(1, 2 ** 31 - 1);

const limits = {
  maxModelBytes: limit,
  maxNodes: limit,
  maxFunctions: limit,
  maxDepth: limit,
  maxTensorBytes: limit,
  maxOpset: limit,
  domains: strings,
} satisfies Record<keyof CheckLimits, Rule>;

const cuda = {
  deviceId: whole(0),
  memoryLimitBytes: whole(1),
  tf32: boolean,
  cudnnSearch: oneOf("default", "heuristic", "exhaustive"),
} satisfies Record<keyof CudaOptions, Rule>;

const download = {
  headers: recordOf("strings", isString),
  retries: whole(0),
  idleTimeoutMs: duration,
  fetch: callable,
} satisfies Record<keyof DownloadOptions, Rule>;

const backendOptions = {
  execution: oneOf("auto", "inline", "worker", "process"),
  threads: whole(1),
  maxWorkers: whole(1),
  maxOpenMs: duration,
  maxRunMs: duration,
  maxRssBytes: whole(1),
  limits: { inner: limits },
  externalData: recordOf("paths and bytes", (value) => isString(value) || value instanceof Uint8Array),
  download: { inner: download },
  cuda: { inner: cuda },
  sessionOptions: plainData,
} satisfies Record<keyof NodeOptions, Rule | object>;

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
} satisfies Record<"backend" | Exclude<keyof OpenRequest | keyof NodePredictorOptions, keyof NodeOptions>, Rule>;

/** Those of the runtime's session options that it would otherwise blame on the model; the others are its own concern. */
const sessionOptions = {
  graphOptimizationLevel: oneOf("disabled", "basic", "extended", "layout", "all"),
  executionMode: oneOf("sequential", "parallel"),
  enableCpuMemArena: boolean,
  enableMemPattern: boolean,
  enableProfiling: boolean,
  logSeverityLevel: whole(0, 4),
  logVerbosityLevel: whole(0),
};

/** Checks names and values of all options. @throws ConfigError CONFIG_INVALID */
export function checkOptions(options: OpenRequest & NodeOptions): void {
  checkRules(options, { ...coreOptions, ...backendOptions });
  const given = options.sessionOptions ?? {};
  checkRules(Object.fromEntries(Object.entries(given).filter(([name]) => name in sessionOptions)), sessionOptions, "sessionOptions.");
}

/**
 * Says where runs will happen.
 *
 * @throws ConfigError CONFIG_INVALID where options contradict each other
 */
export function chooseExecution(options: NodeOptions, devices: readonly string[]): Execution {
  const { execution = "auto", maxOpenMs, maxRunMs, maxRssBytes } = options;
  const killing =
    maxRssBytes !== undefined ? "maxRssBytes" : maxRunMs !== undefined ? "maxRunMs" : maxOpenMs !== undefined ? "maxOpenMs" : undefined;
  if (killing === undefined || execution === "process") return execution;
  if (execution === "auto") return "process";
  if (killing === "maxRssBytes")
    throw new ConfigError(killing, `execution "process", whose memory can be told apart`, `execution "${execution}"`);
  // A thread inside native code cannot be ended without ending the whole process; one inside WebAssembly can.
  if (execution === "worker" && isWasm(devices)) return execution;
  throw new ConfigError(
    killing,
    `execution "process", or "worker" with device "wasm": nothing else can be stopped`,
    `execution "${execution}"`,
  );
}

/** The devices to try, in order. @throws ConfigError CONFIG_INVALID */
export function devicesOf(device: OpenRequest["device"]): readonly string[] {
  const all = deviceList(device).flatMap((name) => (name === "auto" ? ["cuda", "cpu", "wasm"] : [name]));
  return [...new Set(all)];
}
