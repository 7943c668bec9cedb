import { ConfigError, type OpenRequest } from "@predikt/core";
import {
  boolean,
  callable,
  checkRules,
  coreOptions,
  deviceList,
  downloadOptions,
  duration,
  isString,
  limitOptions,
  oneOf,
  plainData,
  type Rule,
  recordOf,
  whole,
} from "@predikt/core/runtime";
import type { CudaOptions, DownloadOptions, Execution, NodeOptions } from "./options.ts";
import { isWasm } from "./runtime.ts";

const cuda = {
  deviceId: whole(0),
  memoryLimitBytes: whole(1),
  tf32: boolean,
  cudnnSearch: oneOf("default", "heuristic", "exhaustive"),
} satisfies Record<keyof CudaOptions, Rule>;

const download = { ...downloadOptions, fetch: callable } satisfies Record<keyof DownloadOptions, Rule>;

const backendOptions = {
  execution: oneOf("auto", "inline", "worker", "process"),
  threads: whole(1),
  maxWorkers: whole(1),
  maxOpenMs: duration,
  maxRunMs: duration,
  maxRssBytes: whole(1),
  limits: { inner: limitOptions },
  externalData: recordOf("paths and bytes", (value) => isString(value) || value instanceof Uint8Array),
  download: { inner: download },
  cuda: { inner: cuda },
  sessionOptions: plainData,
} satisfies Record<keyof NodeOptions, Rule | object>;

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
