import type { AbortLike, Backend, BackendEvent, BackendSession, OpenRequest } from "@predikt/core";
import { claimThreads, cpuBudget, giveThreads } from "../worker/budget.ts";
import { startProcess, startThread } from "../worker/channel.ts";
import { entryUrl } from "../worker/entry-url.ts";
import { Host } from "../worker/host.ts";
import { Pool } from "../worker/pool.ts";
import type { ModelFacts, OpenSpec } from "../worker/protocol.ts";
import { chooseExecution, deviceList } from "./check-options.ts";
import { NodeSession } from "./node-session.ts";
import { openModel } from "./open-model.ts";
import type { NodeOptions } from "./options.ts";
import { inline, type Place, pooled } from "./place.ts";
import { resolveSource } from "./source.ts";
import { openError } from "./translate-error.ts";

/**
 * The backend over ONNX Runtime on Node: onnxruntime-node for `cpu`, `cuda`, `webgpu`, `coreml` and `dml`, onnxruntime-web for `wasm`; both are
 * optional peers. `auto` is CUDA where its libraries are, else the CPU, else WebAssembly. Each device is tried by opening the model on it.
 */
export function nodeBackend(): Backend<NodeOptions> {
  return backendWith(entryUrl);
}

/** {@link nodeBackend} with another entry for its workers. */
export function backendWith(entry: URL): Backend<NodeOptions> {
  return { interfaceVersion: 1, name: "node", open: (request) => open(request, entry) };
}

async function open(request: OpenRequest & NodeOptions, entry: URL): Promise<BackendSession> {
  const devices = deviceList(request.device);
  const chosen = chooseExecution(request, devices);
  const execution = chosen === "auto" ? "worker" : chosen;
  const { onProgress = () => {}, onEvent = () => {}, onCapacity = () => {} } = request;
  const { model, sha256 } = await resolveSource(request);
  const size = typeof model === "string" ? undefined : model.byteLength;
  onProgress({ phase: "open", loaded: 0, total: size, ratio: 0 });
  const spec: OpenSpec = {
    model,
    sha256,
    devices,
    threads: threadsOf(request, onEvent),
    limits: request.limits,
    externalData: request.externalData,
    cuda: request.cuda,
    sessionOptions: request.sessionOptions,
  };
  const { facts, place } = execution === "inline" ? await openHere(spec, request.signal) : await openPool(execution, spec, request, entry);
  onProgress({ phase: "open", loaded: facts.modelBytes, total: facts.modelBytes, ratio: 1 });
  const again = { ...spec, devices: [facts.device], sha256: facts.digest };
  return new NodeSession({
    facts,
    place,
    threads: spec.threads,
    maxWorkers: maxWorkersOf(request, spec.threads),
    maxBatchSize: request.maxBatchSize ?? 1,
    openInline: chosen === "auto" ? async () => (await openHere(again, undefined)).place : undefined,
    onEvent,
    onCapacity,
  });
}

interface Opened {
  readonly facts: ModelFacts;
  readonly place: Place;
}

async function openHere(spec: OpenSpec, signal: AbortLike | undefined): Promise<Opened> {
  try {
    const model = await openModel(spec, () => {});
    if (signal?.aborted === true) await model.release();
    throwIfAborted(signal);
    return { facts: model.facts, place: inline(model) };
  } catch (thrown) {
    throw signal?.aborted === true ? signal.reason : openError(thrown);
  }
}

async function openPool(execution: "worker" | "process", spec: OpenSpec, request: OpenRequest & NodeOptions, entry: URL): Promise<Opened> {
  const { maxRunMs, maxRssBytes, onEvent = () => {}, onCapacity = () => {} } = request;
  const start = async (what: OpenSpec, signal?: AbortLike): Promise<Host> => {
    const host = new Host(
      (events) => (execution === "process" ? startProcess(entry, maxRssBytes, events) : startThread(entry, events)),
      maxRunMs,
    );
    try {
      await unlessAborted(host.open(what), signal);
      return host;
    } catch (error) {
      // A process can be ended while it opens a model; a thread only after that.
      if (execution === "process") host.kill();
      else void host.close();
      throw error;
    }
  };
  claimThreads(spec.threads);
  try {
    const first = await start(spec, request.signal);
    const { facts } = first;
    const again = { ...spec, devices: [facts.device], sha256: facts.digest };
    const maxWorkers = maxWorkersOf(request, spec.threads);
    const pool = new Pool({ start: () => start(again), first, threads: spec.threads, maxWorkers, onEvent, onCapacity });
    return { facts, place: pooled(execution, pool) };
  } catch (error) {
    giveThreads(spec.threads);
    throw error;
  }
}

/** Threads of one run, within the process's CPU budget. */
function threadsOf({ threads = 1 }: NodeOptions, onEvent: (event: BackendEvent) => void): number {
  const budget = cpuBudget();
  if (threads > budget) onEvent({ type: "threads-limited", detail: { asked: threads, given: budget } });
  return Math.min(threads, budget);
}

function maxWorkersOf({ maxWorkers }: NodeOptions, threads: number): number {
  return maxWorkers ?? Math.max(1, Math.floor(cpuBudget() / threads));
}

function throwIfAborted(signal: AbortLike | undefined): void {
  if (signal?.aborted === true) throw signal.reason;
}

/** The promise's own end, or the signal's reason where that comes first. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortLike | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    const done = (): void => signal.removeEventListener("abort", abort);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
    promise.then(resolve, reject).finally(done);
  });
}
