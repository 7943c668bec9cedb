import { isPrediktError, type LoadProgress } from "@predikt/core";
import { PlaceLost, type WorkerPort } from "@predikt/core/runtime";
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
  readonly started: Promise<{ readonly host: Host; readonly runtime: string }>;
  users: number;
}

/** Milliseconds that a worker's script may take to arrive and answer. */
const helloLimitMs = 60_000;
/** Milliseconds that a runtime may take to start, its download included. */
const startLimitMs = 600_000;

/** The workers of one backend: sessions that need the same build of the runtime share one. */
export class Fleet {
  readonly #crews = new Map<string, Crew>();
  #probing: Promise<Probe> | undefined;
  /** A worker that has been asked what the browser can do, and has no runtime yet. */
  #idle: Host | undefined;

  /** What this browser can run, asked in a worker, once. */
  probe(options: FleetOptions): Promise<Probe> {
    this.#probing ??= this.#probe(options).catch((error: unknown) => {
      this.#probing = undefined;
      throw error;
    });
    return this.#probing;
  }

  /** A running runtime of that build, shared or new. Rejects with PlaceLost where it does not start. */
  async join(kind: RuntimeKind, options: FleetOptions, onProgress: (progress: LoadProgress) => void): Promise<Started> {
    const { threads } = options;
    const files = runtimeFiles(kind, options);
    const key = JSON.stringify([files, threads, options.worker === false]);
    let crew = this.#crews.get(key);
    if (crew === undefined) {
      crew = { started: this.#start(files, options, () => this.#crews.delete(key)), users: 0 };
      this.#crews.set(key, crew);
      crew.started.catch(() => this.#crews.delete(key));
    }
    const mine = crew;
    mine.users++;
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      mine.users--;
      if (mine.users > 0) return;
      if (this.#crews.get(key) === mine) this.#crews.delete(key);
      void mine.started.then(
        ({ host }) => host.end(),
        () => {},
      );
    };
    try {
      onProgress({ phase: "runtime", loaded: 0, total: 1, ratio: 0 });
      const started = await mine.started;
      onProgress({ phase: "runtime", loaded: 1, total: 1, ratio: 1 });
      return { ...started, files, threads, isInline: options.worker === false, leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  async #probe(options: FleetOptions): Promise<Probe> {
    const host = await this.#spawn(options);
    const probe = await host.ask("probe", {}).catch(unwrap);
    if (!host.ended) this.#idle = host;
    return probe;
  }

  async #start(files: RuntimeFiles, options: FleetOptions, onEnd: () => void): Promise<{ host: Host; runtime: string }> {
    const begin = async (kept: boolean): Promise<{ host: Host; runtime: string }> => {
      const host = this.#takeIdle() ?? (await this.#spawn(options));
      const runtime = await host.inTurn("start", { files, threads: options.threads, kept }, { limitMs: startLimitMs });
      host.onEnd = onEnd;
      return { host, runtime };
    };
    try {
      return await begin(false);
    } catch (thrown) {
      const error = thrown instanceof PlaceLost ? thrown.error : thrown;
      if (!isPrediktError(error) || (error.code === "BACKEND_MISSING" && error.details["unreachable"] !== true)) throw error;
      // A worker's runtime starts once; a second one may be luckier, and has what was kept where the network is not there.
      return await begin(error.details["unreachable"] === true).catch(unwrap);
    }
  }

  #takeIdle(): Host | undefined {
    const idle = this.#idle;
    this.#idle = undefined;
    return idle?.ended === false ? idle : undefined;
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
