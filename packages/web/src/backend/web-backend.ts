import { type Backend, type BackendSession, type OpenRequest, systemClock } from "@predikt/core";
import { Circuit, nothingOpened, type Place, RevivingSession, untilAborted } from "@predikt/core/runtime";
import type { RuntimeKind } from "../worker/protocol.ts";
import { checkOptions } from "./check-options.ts";
import { type Candidate, chooseCandidates } from "./choose.ts";
import { Fleet, type FleetOptions } from "./fleet.ts";
import { openOnFirst } from "./open.ts";
import type { WebOptions } from "./options.ts";
import { assertBrowser, loadSpec } from "./source.ts";
import { defaultThreads } from "./threads.ts";
import { compare } from "./worker-place.ts";

/**
 * The backend over ONNX Runtime in a browser, on WebGPU or WebAssembly, in a worker. `auto` is WebGPU where there is a real GPU, else WebAssembly. The
 * sessions of one backend share a worker for each build of the runtime; when the last of them is closed, the worker is ended.
 */
export function webBackend(): Backend<WebOptions> {
  const fleet = new Fleet();
  const open = async (request: OpenRequest & WebOptions): Promise<BackendSession> => {
    const { signal } = request;
    if (signal?.aborted) throw signal.reason;
    // What is under way when the load is aborted, such as the start of a runtime, cannot always be stopped; nobody waits for it.
    return untilAborted(openSession(request, fleet), signal, (session) => void session.close());
  };
  return { interfaceVersion: 1, name: "web", open };
}

async function openSession(request: OpenRequest & WebOptions, fleet: Fleet): Promise<BackendSession> {
  const { worker, onEvent = nothing, onProgress = nothing, sessionOptions = {} } = request;
  assertBrowser(worker);
  checkOptions(request);
  const fleetOptions = { base: request.assets?.base, worker: worker ?? {}, threads: threadsFor(request) } satisfies FleetOptions;
  const { hangTimeoutMs = 60_000 } = worker || {};
  const opening = { fleet, fleetOptions, spec: loadSpec(request), sessionOptions, hangTimeoutMs, onEvent };
  const { candidates, skipped, isAutomatic } = chooseCandidates(request.device, await fleet.probe(fleetOptions));
  if (candidates.length === 0 || request.signal?.aborted) {
    fleet.dismiss();
    throw nothingOpened([], skipped);
  }
  const again = (list: readonly Candidate[]): Promise<Place> => openOnFirst(list, { ...opening, onProgress: nothing });
  const place = await openOnFirst(candidates, { ...opening, signal: request.signal, onProgress });
  // The build of the runtime that runs on the GPU runs on WebAssembly too.
  const onWasm = (kind: RuntimeKind): Promise<Place> => again([{ device: "wasm", kinds: [kind] }]);
  return new RevivingSession({
    place,
    devices: candidates.map(({ device }) => device),
    skipped,
    circuit: new Circuit(systemClock, onEvent),
    reopen: (devices) => again(candidates.filter(({ device }) => devices.includes(device))),
    compare: isAutomatic && candidates.length > 1 ? (current, feeds) => compare(current, feeds, onWasm) : undefined,
    onEvent,
  });
}

function threadsFor({ threads = defaultThreads(), onEvent }: OpenRequest & WebOptions): number {
  if (threads === 1 || globalThis.crossOriginIsolated) return threads;
  onEvent?.({ type: "threads-limited", detail: { asked: threads, given: 1, reason: "the page is not cross-origin isolated" } });
  return 1;
}

function nothing(): void {}
