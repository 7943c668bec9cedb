import { stat } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import type { AnyPredictor, ModelResolver } from "@predikt/core/serving";
import { createPredictor, type NodePredictorOptions } from "@predikt/node";
import { Failure, UsageError } from "../lib/failure.ts";
import { isHttpUrl } from "../lib/model-bytes.ts";
import { createProgress, showLoad } from "../lib/progress.ts";
import type { Terminal } from "../lib/terminal.ts";
import { loadModule } from "./load-module.ts";
import type { Log } from "./log.ts";
import type { Values } from "./settings.ts";

/** Settings of predictors, and of those that `serve` makes only. */
const ownSettings = [
  ...(["name", "device", "execution", "threads", "maxWorkers", "maxRunMs", "maxRssBytes", "queueLimit"] as const),
  ...(["batching.mode", "batching.maxBatchSize", "batching.maxDelayMs", "load"] as const),
];

/** Models that are open and will be closed. */
export interface OpenModels {
  readonly models: readonly AnyPredictor[] | ModelResolver;
  close(): Promise<unknown>;
}

/** What opening tells. */
export interface Listeners {
  readonly terminal: Terminal;
  readonly log: Log;
}

/** Opens what is to be served. @throws UsageError for what can be no model; Failure, PrediktError */
export async function openModels(model: string, values: Values, listeners: Listeners): Promise<OpenModels> {
  if (isHttpUrl(model)) return openFile(model, values, listeners);
  const path = resolve(model);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new Failure(`there is nothing at ${path}`);
  if (found.isDirectory()) return openFolder(path, values, listeners);
  if (/\.[cm]?[jt]s$/.test(path)) {
    if (values.control === "watch") throw new UsageError(`--control watch is for a model repository; ${model} is a module`);
    const idle = ownSettings.filter((key) => values[key] !== undefined);
    if (idle.length > 0) listeners.log.warn(`${idle.join(", ")}: of no effect, since the module makes its predictors itself`);
    return loadModule(path);
  }
  if (values.control !== undefined && values.control !== "none")
    throw new UsageError(`--control ${values.control} is for a model repository; ${model} is a file`);
  if (extname(path) !== ".onnx")
    throw new UsageError(`${model}: expected an .onnx file, a model repository, or a .js, .mjs or .cjs module`);
  return openFile(path, values, listeners);
}

async function openFile(source: string, values: Values, { terminal, log }: Listeners): Promise<OpenModels> {
  const name = values.name ?? nameOf(source);
  // Elsewhere the log says when it is done.
  const progress = terminal.isInteractive ? createProgress(terminal) : undefined;
  const onProgress = progress && showLoad(progress, name);
  try {
    const predictor = await createPredictor({ ...predictorOptions(values), source, name, onProgress });
    progress?.end();
    const { device, skipped, execution, batching } = predictor.info;
    for (const { device, reason } of skipped) log.info(`${device} skipped: ${reason}`);
    const batches = batching.enabled
      ? `batches of up to ${batching.maxBatchSize}`
      : `no batching${batching.reason ? `: ${batching.reason}` : ""}`;
    log.info(`model "${name}" on ${device}, ${execution}, ${batches}`, { model: name, device, execution });
    return { models: [predictor as AnyPredictor], close: () => predictor.close() };
  } finally {
    progress?.end();
  }
}

async function openFolder(root: string, values: Values, { log }: Listeners): Promise<OpenModels> {
  if (values.name !== undefined) log.warn("name: of no effect, since a repository's folders name its models");
  const { openRepository } = await import("@predikt/node/repository");
  const { control: mode, load, drainTimeoutMs } = values;
  const repository = await openRepository(root, {
    ...predictorOptions(values),
    mode,
    load,
    drainTimeoutMs,
    onWarning: ({ path, reason }) => log.warn(`${path}: ${reason}`),
    onRegistryEvent(event) {
      if (event.type !== "version-state-changed") return;
      const { name, version, state, reason } = event;
      const text = `model "${name}" version ${version} is ${state}${reason === "" ? "" : `: ${reason}`}`;
      if (state === "UNAVAILABLE" && reason !== "unloaded" && reason !== "closed") log.warn(text, { model: name, version, state });
      else log.info(text, { model: name, version, state });
    },
  });
  if (repository.models().length === 0) log.warn(`${root} holds no model: <model>/<version>/model.onnx is expected`);
  return { models: repository, close: () => repository.close() };
}

/** The name of a file's model: the file's, with what a URL's segment cannot have replaced. */
export function nameOf(source: string): string {
  const path = isHttpUrl(source) ? decoded(new URL(source).pathname) : source;
  const name = basename(path)
    .replace(/\.onnx$/i, "")
    .replace(/[^\w.-]+/g, "_");
  return /^\.{0,2}$/.test(name) ? "model" : name;
}

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

/** The settings that every predictor has. */
export function predictorOptions(values: Values): Omit<NodePredictorOptions, "source"> {
  const { device, execution, threads, maxWorkers, maxRunMs, maxRssBytes, queueLimit } = values;
  return { device, execution, threads, maxWorkers, maxRunMs, maxRssBytes, queueLimit, batching: batchingOf(values) };
}

function batchingOf(values: Values): NodePredictorOptions["batching"] {
  const { "batching.mode": mode, "batching.maxBatchSize": maxBatchSize, "batching.maxDelayMs": maxDelayMs } = values;
  if (mode === "off") return false;
  const limits = maxBatchSize !== undefined || maxDelayMs !== undefined ? { maxBatchSize, maxDelayMs } : undefined;
  return limits ?? (mode === "on" ? true : "auto");
}
