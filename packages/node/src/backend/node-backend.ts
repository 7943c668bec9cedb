import type { Backend, BackendSession, OpenRequest } from "@predikt/core";
import { claimThreads, cpuBudget, giveThreads } from "../worker/budget.ts";
import { entryUrl } from "../worker/entry-url.ts";
import type { OpenSpec } from "../worker/protocol.ts";
import { checkOptions, chooseExecution, devicesOf } from "./check-options.ts";
import { NodeSession } from "./node-session.ts";
import type { Execution, NodeOptions } from "./options.ts";
import { beside, Places } from "./places.ts";
import { resolveSource } from "./source.ts";

/** `maxOpenMs` of those who limit runs, since they do not trust the model. */
const defaultOpenMs = 60_000;

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
  checkOptions(request);
  const devices = devicesOf(request.device);
  const chosen = chooseExecution(request, devices);
  const { model, sha256 } = await resolveSource(request);
  const threads = claimForFirst(request, chosen === "inline");
  try {
    return await openWith(request, entry, chosen, {
      model,
      sha256,
      externalDigest: undefined,
      devices,
      threads,
      limits: request.limits,
      externalData: request.externalData,
      cuda: request.cuda,
      sessionOptions: request.sessionOptions,
    });
  } catch (error) {
    giveThreads(chosen === "inline" ? threads - 1 : threads);
    throw error;
  }
}

/** No closure here may hold the request or the spec: they hold the model's bytes, which are to go when the places forget them. */
async function openWith(request: OpenRequest & NodeOptions, entry: URL, chosen: Execution, spec: OpenSpec): Promise<BackendSession> {
  const { onProgress, onEvent = nothing, onCapacity = nothing, signal, maxBatchSize = 1, maxRunMs, maxRssBytes } = request;
  const { threads } = spec;
  const maxWorkers = request.maxWorkers ?? Math.max(1, Math.floor(cpuBudget() / threads));
  const maxOpenMs = request.maxOpenMs ?? (maxRunMs === undefined ? undefined : defaultOpenMs);
  const places = new Places(spec, { entry, limits: { maxOpenMs, maxRunMs }, maxRssBytes, maxWorkers, onEvent, onCapacity });
  const size = typeof spec.model === "string" ? undefined : spec.model.byteLength;
  onProgress?.({ phase: "open", loaded: 0, total: size, ratio: 0 });
  const { facts, place } =
    chosen === "inline" ? await places.inline(signal) : await places.workers(chosen === "auto" ? "worker" : chosen, signal);
  onProgress?.({ phase: "open", loaded: facts.modelBytes, total: facts.modelBytes, ratio: 1 });
  const elsewhere = {
    inline: () => beside(threads - 1, () => places.inline()),
    workers: (leaving: AbortSignal) => beside(threads, () => places.workers("worker", leaving)),
  };
  if (chosen === "inline") places.forget();
  return new NodeSession({
    facts,
    place,
    threads,
    maxWorkers,
    maxBatchSize,
    elsewhere: chosen === "auto" ? elsewhere : undefined,
    forget: () => places.forget(),
    onEvent,
    onCapacity,
  });
}

/** Threads of one run, out of the process's CPU budget: at least one, and fewer than asked where others have taken them. */
function claimForFirst({ threads = 1, onEvent }: OpenRequest & NodeOptions, isInline: boolean): number {
  // The calling thread is the application's own, for which the budget leaves a core.
  const given = isInline ? 1 + claimThreads(threads - 1, 0) : claimThreads(threads, 1);
  if (given < threads) onEvent?.({ type: "threads-limited", detail: { asked: threads, given } });
  return given;
}

function nothing(): void {}
