import { type AbortLike, isPrediktError, type LoadProgress } from "@predikt/core";
import { PlaceLost, untilAborted, type WorkerPort } from "@predikt/core/runtime";
import { keptFile } from "../model-store/kept-files.ts";
import type { Probe, RuntimeFiles, RuntimeKind } from "../worker/protocol.ts";
import { blobWorker, inlineUrl, runtimeFiles, startWorker, workerUrl } from "./assets.ts";
import { Host } from "./host.ts";
import type { WorkerOptions } from "./options.ts";

/** What workers of one kind have in common. */
export interface FleetOptions {
  readonly base: string | URL | undefined;
  readonly worker: WorkerOptions | false;
  readonly threads: number;
}

/** A host whose runtime has started. */
export interface Started {
  readonly host: Host;
  readonly files: RuntimeFiles;
  readonly threads: number;
  /** Whether it runs on the page's own thread. */
  readonly isInline: boolean;
  /** The runtime's name and version. */
  readonly runtime: string;
  /** Says that one of its users is done; the last one ends it. */
  leave(): void;
}

interface Crew {
  readonly key: string;
  users: number;
  /** The worker that is being started or has been. */
  host: Host | undefined;
}

interface StartedCrew extends Crew {
  readonly started: Promise<{ readonly host: Host; readonly runtime: string }>;
}

/** Milliseconds that a worker's script may take to arrive and answer. */
const helloLimitMs = 60_000;
/** Milliseconds that a runtime may take to start, its download included. */
const startLimitMs = 600_000;

/** The workers of one backend: sessions that need the same build of the runtime share one. */
export class Fleet {
  readonly #crews = new Map<string, StartedCrew>();
  #probing: Promise<Probe> | undefined;
  /** A worker that has been asked what the browser can do, and has no runtime yet. */
  #idle: { readonly host: Host; readonly options: FleetOptions } | undefined;

  /** What this browser can run, asked in a worker, once. */
  async probe(options: FleetOptions): Promise<Probe> {
    const asked = this.#probing;
    if (asked !== undefined) {
      // Another's worker may not start where this one's does.
      return asked.catch(() => this.probe(options));
    }
    const probing = this.#probe(options);
    this.#probing = probing;
    probing.catch(() => {
      this.#probing = undefined;
    });
    return probing;
  }

  /** Ends the worker that was asked what the browser can do, where nobody has come to use it. */
  dismiss(): void {
    this.#idle?.host.end();
    this.#idle = undefined;
  }

  /**
   * A running runtime of that build, shared or new. Rejects with BackendError BACKEND_MISSING, BACKEND_UNAVAILABLE or BACKEND_MEMORY where it does not
   * start, or with the signal's reason.
   *
   * @param onHost Told of a new worker that this call has started, before its runtime has, for what it can do meanwhile.
   */
  async join(
    kind: RuntimeKind,
    options: FleetOptions,
    onProgress: (progress: LoadProgress) => void,
    signal?: AbortLike,
    onHost: (host: Host) => void = () => {},
  ): Promise<Started> {
    if (signal?.aborted) throw signal.reason;
    const { threads } = options;
    const files = runtimeFiles(kind, options);
    const key = JSON.stringify([files, threads, options.worker === false]);
    const mine = this.#crews.get(key) ?? this.#muster(key, files, options, onHost);
    mine.users++;
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      mine.users--;
      if (mine.users > 0) return;
      this.#disband(mine);
      mine.host?.end();
    };
    try {
      onProgress({ phase: "runtime", loaded: 0, total: 1, ratio: 0 });
      const started = await untilAborted(mine.started, signal);
      onProgress({ phase: "runtime", loaded: 1, total: 1, ratio: 1 });
      return { ...started, files, threads, isInline: options.worker === false, leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  async #probe(options: FleetOptions): Promise<Probe> {
    const host = await this.#spawn(options);
    const probe = await host.inTurn("probe", {}, { limitMs: helloLimitMs }).catch(unwrap);
    if (!host.ended) this.#idle = { host, options };
    return probe;
  }

  /** Starts a worker for those who need the same. */
  #muster(key: string, files: RuntimeFiles, options: FleetOptions, onHost: (host: Host) => void): StartedCrew {
    const crew: Crew = { key, users: 0, host: undefined };
    const started = Object.assign(crew, { started: this.#start(files, options, crew, onHost) });
    this.#crews.set(key, started);
    started.started.catch(() => this.#disband(crew));
    return started;
  }

  /** Nobody joins it any more. Another may have its key by now. */
  #disband(crew: Crew): void {
    if (this.#crews.get(crew.key) === crew) this.#crews.delete(crew.key);
  }

  async #start(
    files: RuntimeFiles,
    options: FleetOptions,
    crew: Crew,
    onHost: (host: Host) => void,
  ): Promise<{ host: Host; runtime: string }> {
    const begin = async (kept: boolean): Promise<{ host: Host; runtime: string }> => {
      const idle = this.#takeIdle(options);
      const host = idle ?? (await this.#spawn(options));
      crew.host = host;
      host.onEnd = () => this.#disband(crew);
      // All who waited for it may have gone while its script was loading.
      if (idle === undefined && crew.users === 0) host.end();
      const starting = host.inTurn("start", { files, threads: options.threads, kept }, { limitMs: startLimitMs });
      onHost(host);
      return { host, runtime: await starting };
    };
    try {
      return await begin(false);
    } catch (thrown) {
      const error = thrown instanceof PlaceLost ? thrown.error : thrown;
      if (crew.users === 0) throw error;
      if (!isPrediktError(error) || (error.code === "BACKEND_MISSING" && error.details["unreachable"] !== true)) throw error;
      // A worker's runtime starts once; a second one may be luckier, and has what was kept where the network is not there.
      return await begin(error.details["unreachable"] === true).catch(unwrap);
    }
  }

  /** The idle worker, where it was started as this one would be. */
  #takeIdle({ base, worker }: FleetOptions): Host | undefined {
    const { host, options } = this.#idle ?? {};
    if (host?.ended !== false || options === undefined) return undefined;
    const isSame = String(options.base) === String(base) && factoryOf(options.worker) === factoryOf(worker);
    if (!isSame) {
      this.dismiss();
      return undefined;
    }
    this.#idle = undefined;
    return host;
  }

  /** Starts a worker. Where its script cannot be loaded, the copy that was kept of it is taken. */
  async #spawn({ base, worker }: FleetOptions): Promise<Host> {
    if (worker === false) return new Host(await here(base), "");
    const url = workerUrl({ base });
    const host = new Host(worker.factory?.() ?? startWorker({ base }), url);
    try {
      await host.inTurn("ping", {}, { limitMs: helloLimitMs });
      return host;
    } catch (thrown) {
      const kept = worker.factory === undefined ? await keptFile(url).catch(() => undefined) : undefined;
      if (kept === undefined) return unwrap(thrown);
      return new Host(blobWorker(await kept.blob()), url);
    }
  }
}

/** What a worker is started by: `false` for none. */
function factoryOf(worker: FleetOptions["worker"]): WorkerOptions["factory"] | false {
  return worker === false ? false : worker.factory;
}

/** The runtime on this thread. */
async function here(base: FleetOptions["base"]): Promise<WorkerPort> {
  // A file of its own, as the worker's script is: bundlers leave it out of what every page loads.
  const { serveHere } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ inlineUrl(base))) as { serveHere(): MessagePort };
  const port = serveHere();
  return {
    postMessage: (message) => port.postMessage(message),
    addEventListener: (type, listener) => port.addEventListener(type as "message", listener),
    terminate: () => port.close(),
  };
}

function unwrap(thrown: unknown): never {
  throw thrown instanceof PlaceLost ? thrown.error : thrown;
}
