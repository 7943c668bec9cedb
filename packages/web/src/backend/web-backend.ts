import { type Backend, type BackendSession, type OpenRequest, systemClock } from "@predikt/core";
import { nothingOpened } from "@predikt/core/runtime";
import { workerUrl } from "./assets.ts";
import { checkOptions } from "./check-options.ts";
import { type Candidate, chooseCandidates, deviceList } from "./choose.ts";
import { Circuit } from "./circuit.ts";
import { Fleet, type FleetOptions } from "./fleet.ts";
import { type Opened, type Opening, openOnFirst } from "./open.ts";
import type { WebOptions } from "./options.ts";
import { WebSession } from "./session.ts";
import { assertBrowser, loadSpec } from "./source.ts";
import { defaultThreads } from "./threads.ts";

/**
 * The backend over ONNX Runtime in a browser, on WebGPU or WebAssembly, in a worker. `auto` is WebGPU where there is a real GPU, else WebAssembly. The
 * sessions of one backend share a worker for each build of the runtime; when the last of them is closed, the worker is ended.
 */
export function webBackend(): Backend<WebOptions> {
  const fleet = new Fleet();
  return { interfaceVersion: 1, name: "web", open: (request) => open(request, fleet) };
}

async function open(request: OpenRequest & WebOptions, fleet: Fleet): Promise<BackendSession> {
  const { worker, onEvent = nothing, onProgress = nothing, device, threads, sessionOptions = {}, assets } = request;
  assertBrowser(worker);
  checkOptions(request);
  deviceList(device);
  const spec = loadSpec(request);
  const { hangTimeoutMs = 60_000 } = worker || {};
  const fleetOptions: FleetOptions = { base: assets?.base, worker: worker ?? {}, threads: threads ?? defaultThreads() };
  const given = fleetOptions.threads;
  if (given > 1 && !globalThis.crossOriginIsolated) {
    onEvent({ type: "threads-limited", detail: { asked: given, given: 1, reason: "the page is not cross-origin isolated" } });
  }
  const { candidates, skipped, isAutomatic } = chooseCandidates(device, await fleet.probe(fleetOptions));
  if (candidates.length === 0) throw nothingOpened([], skipped);
  const opening = {
    fleet,
    fleetOptions: { ...fleetOptions, threads: globalThis.crossOriginIsolated ? given : 1 },
    spec,
    sessionOptions,
    limitMs: hangTimeoutMs * 10,
    onEvent,
  };
  const reopen = (list: readonly Candidate[]): Promise<Opened> => openOnFirst(list, { ...opening, onProgress: nothing });
  const opened = await openOnFirst(candidates, { ...opening, signal: request.signal, onProgress } as Opening);
  if (spec.store !== "none" && worker !== false) keepForLater(opened, fleetOptions);
  return new WebSession({
    opened,
    candidates,
    skipped,
    isAutomatic,
    hangTimeoutMs,
    circuit: new Circuit(systemClock, onEvent),
    reopen,
    onEvent,
  });
}

/** Puts what was needed by, for a time without a network. It was downloaded just now: it comes from the browser's own cache. */
function keepForLater({ host, files }: Opened, { base, worker }: FleetOptions): void {
  const script = worker !== false && worker.factory === undefined ? [workerUrl({ base })] : [];
  void host.ask("keep", { urls: [...script, files.mjs, files.wasm] }).catch(nothing);
}

function nothing(): void {}
