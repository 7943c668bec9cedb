import { type AbortLike, type BackendEvent, isPrediktError, type LoadProgress, type PrediktError, type SkippedDevice } from "@predikt/core";
import { nothingOpened, type Place, PlaceLost } from "@predikt/core/runtime";
import type { LoadedModel, LoadNews, LoadSpec, OpenedSession } from "../worker/protocol.ts";
import { workerUrl } from "./assets.ts";
import type { Candidate } from "./choose.ts";
import type { Fleet, FleetOptions, Started } from "./fleet.ts";
import type { Host } from "./host.ts";
import { patient, workerPlace } from "./worker-place.ts";

/** What is opened, and who hears of it. */
export interface Opening {
  readonly fleet: Fleet;
  readonly fleetOptions: FleetOptions;
  readonly spec: LoadSpec;
  readonly sessionOptions: Readonly<Record<string, unknown>>;
  /** Milliseconds without an answer after which a run is taken to hang. */
  readonly hangTimeoutMs: number;
  readonly signal?: AbortLike | undefined;
  readonly onProgress: (progress: LoadProgress) => void;
  readonly onEvent: (event: BackendEvent) => void;
}

/** How often a model is opened again since others have broken the worker meanwhile. */
const maxOthers = 10;

/**
 * Loads a model and opens it on the first candidate that takes it. What is the model's own fault ends the search.
 *
 * @throws ModelError, BackendError BACKEND_MISSING, BACKEND_UNAVAILABLE, BACKEND_MEMORY, or the signal's reason
 */
export async function openOnFirst(candidates: readonly Candidate[], opening: Opening): Promise<Place> {
  const skipped: SkippedDevice[] = [];
  const errors: PrediktError[] = [];
  let started: Started | undefined;
  // A model is loaded while its worker's runtime starts.
  const loads = new Map<Host, Promise<LoadedModel>>();
  const begin = (host: Host): void => void loads.set(host, load(host, opening, opening.spec));
  for (const { device, kinds } of candidates) {
    // A runtime that runs already and can run this device too is not exchanged for another.
    const running = isAlive(started) && (device === "wasm" || kinds.includes(started.files.kind)) ? started : undefined;
    for (const kind of running === undefined ? kinds : [running.files.kind]) {
      for (let others = 0; ; ) {
        try {
          if (!isAlive(started)) started = await opening.fleet.join(kind, opening.fleetOptions, opening.onProgress, opening.signal, begin);
          const begun = loads.get(started.host);
          loads.delete(started.host);
          const { loaded, opened } = await openIn(started, device, opening, begun);
          keepFiles(started, opening);
          return workerPlace({ started, device, loaded, opened, skipped, hangTimeoutMs: opening.hangTimeoutMs });
        } catch (thrown) {
          const isLost = thrown instanceof PlaceLost;
          if (started?.host.ended !== false) {
            started?.leave();
            started = undefined;
          }
          if (opening.signal?.aborted) {
            started?.leave();
            throw opening.signal.reason;
          }
          // A worker that another session's work has broken says nothing of this one's.
          if (isLost && !thrown.executing && others++ < maxOthers) continue;
          const error = isLost ? thrown.error : thrown;
          if (!isPrediktError(error) || isFinal(error)) {
            started?.leave();
            throw error;
          }
          errors.push(error);
          skipped.push({ device, reason: kinds.length > 1 ? `build ${kind}: ${error.message}` : error.message });
          break;
        }
      }
      // It is not the build of the runtime that does not suit.
      if (started !== undefined) break;
    }
  }
  started?.leave();
  throw nothingOpened(errors, skipped);
}

/** Puts the runtime by for a time without a network. It was downloaded just now: it comes from the browser's own cache. */
function keepFiles({ host, files, isInline }: Started, { spec, fleetOptions: { base, worker } }: Opening): void {
  if (isInline || spec.store === "none") return;
  const script = worker !== false && worker.factory === undefined ? [workerUrl({ base })] : [];
  void host.ask("keep", { urls: [...script, files.mjs, files.wasm] }).catch(() => {});
}

function isAlive(started: Started | undefined): started is Started {
  return started?.host.ended === false;
}

/** Whether no other device could do better. */
function isFinal({ code, name }: PrediktError): boolean {
  return code === "CONFIG_INVALID" || (name === "ModelError" && code !== "MODEL_UNSUPPORTED");
}

interface Opened {
  readonly loaded: LoadedModel;
  readonly opened: OpenedSession;
}

function load(host: Host, { onProgress, onEvent, signal }: Opening, spec: LoadSpec): Promise<LoadedModel> {
  const onNews = (news: LoadNews): void => (news.type === "progress" ? onProgress(news.progress) : onEvent(news.event));
  const loading = host.ask("load", { spec }, { signal, onNews, onLate: (late) => forget(host, late) });
  // Where the runtime does not start, nobody asks what has become of it.
  loading.catch(() => {});
  return loading;
}

function forget(host: Host, { model }: LoadedModel): void {
  if (!host.ended) void host.ask("forget", { model }).catch(() => {});
}

/** @param begun The load, where it has begun while the runtime started. */
async function openIn(started: Started, device: string, opening: Opening, begun: Promise<LoadedModel> | undefined): Promise<Opened> {
  const { host } = started;
  const { spec } = opening;
  const first = await open(host, device, opening, spec, begun ?? load(host, opening, spec));
  if (first !== undefined) return first;
  // The runtime cannot read what was stored, though it looks like a model.
  const fresh = { ...spec, refresh: true };
  return (await open(host, device, opening, fresh, load(host, opening, fresh))) as Opened;
}

/** Undefined where the runtime calls a stored model invalid, and a fresh one may be better. */
async function open(
  host: Host,
  device: string,
  { onProgress, signal, sessionOptions, hangTimeoutMs }: Opening,
  spec: LoadSpec,
  loading: Promise<LoadedModel>,
): Promise<Opened | undefined> {
  const loaded = await loading;
  const { model, modelBytes } = loaded;
  try {
    onProgress({ phase: "open", loaded: 0, total: modelBytes, ratio: 0 });
    const limitMs = patient(hangTimeoutMs);
    const opened = await host.inTurn("create", { model, device, options: sessionOptions }, { abandoned: signal, limitMs });
    onProgress({ phase: "open", loaded: modelBytes, total: modelBytes, ratio: 1 });
    return { loaded, opened };
  } catch (thrown) {
    const isStale = !spec.refresh && loaded.fromCache && typeof spec.source === "string";
    if (isStale && isPrediktError(thrown) && thrown.code === "MODEL_INVALID") return undefined;
    throw thrown;
  } finally {
    forget(host, loaded);
  }
}
