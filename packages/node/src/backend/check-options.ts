import { ConfigError, type OpenRequest } from "@predikt/core";
import type { Execution, NodeOptions } from "./options.ts";

const executions: readonly string[] = ["auto", "inline", "worker", "process"];

/**
 * Checks the node backend's options and says where runs will happen.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function chooseExecution(options: NodeOptions, devices: readonly string[]): Execution {
  const { execution = "auto", threads, maxWorkers, maxRunMs, maxRssBytes } = options;
  if (!executions.includes(execution)) throw new ConfigError("execution", `one of ${executions.join(", ")}`, String(execution));
  whole("threads", threads, 1);
  whole("maxWorkers", maxWorkers, 1);
  whole("maxRunMs", maxRunMs, 1);
  whole("maxRssBytes", maxRssBytes, 1);
  whole("cuda.deviceId", options.cuda?.deviceId, 0);
  whole("cuda.memoryLimitBytes", options.cuda?.memoryLimitBytes, 1);
  whole("download.retries", options.download?.retries, 0);
  whole("download.idleTimeoutMs", options.download?.idleTimeoutMs, 1);
  if (maxRunMs === undefined && maxRssBytes === undefined) return execution;
  if (execution === "auto") return "process";
  if (execution === "process") return execution;
  if (maxRssBytes !== undefined)
    throw new ConfigError("maxRssBytes", `execution "process", whose memory can be told apart`, `execution "${execution}"`);
  // A thread inside native code cannot be ended without ending the whole process; one inside WebAssembly can.
  const killable = execution === "worker" && devices.every((device) => device === "wasm");
  if (!killable)
    throw new ConfigError(
      "maxRunMs",
      `execution "process", or "worker" with device "wasm": no other run can be stopped`,
      `execution "${execution}"`,
    );
  return execution;
}

/** The devices asked for, in order. @throws ConfigError CONFIG_INVALID */
export function deviceList(device: OpenRequest["device"]): readonly string[] {
  const list = device === undefined ? ["auto"] : typeof device === "string" ? [device] : device;
  if (!Array.isArray(list) || list.length === 0 || list.some((name) => typeof name !== "string" || name === "")) {
    throw new ConfigError(
      "device",
      "a device or a list of devices",
      Array.isArray(list) ? "a list with something else in it, or nothing" : typeof list,
    );
  }
  return list
    .flatMap((name) => (name === "auto" ? ["cuda", "cpu", "wasm"] : [name]))
    .filter((name, index, all) => all.indexOf(name) === index);
}

function whole(path: string, value: number | undefined, min: number): void {
  if (value !== undefined && (!Number.isSafeInteger(value) || value < min))
    throw new ConfigError(path, `a whole number ≥ ${min}`, String(value));
}
