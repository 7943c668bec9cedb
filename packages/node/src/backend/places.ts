import type { AbortLike, BackendEvent } from "@predikt/core";
import { openError, untilAborted } from "@predikt/core/runtime";
import { giveThreads, takeThreads } from "../worker/budget.ts";
import { startProcess, startThread } from "../worker/channel.ts";
import { Host, type HostLimits } from "../worker/host.ts";
import { Pool } from "../worker/pool.ts";
import type { ModelFacts, OpenSpec } from "../worker/protocol.ts";
import { openModel } from "./open-model.ts";
import { inline, type Place, pooled } from "./place.ts";

/** How workers are run. */
export interface PlaceOptions {
  readonly entry: URL;
  readonly limits: HostLimits;
  readonly maxRssBytes: number | undefined;
  readonly maxWorkers: number;
  readonly onEvent: (event: BackendEvent) => void;
  readonly onCapacity: () => void;
}

/** A model that was opened somewhere. */
export interface Opened {
  readonly facts: ModelFacts;
  readonly place: Place;
}

/** Opens one model wherever it is to run, as often as that is needed; once it is open, again on the same device only, and with the same bytes. */
export class Places {
  readonly #options: PlaceOptions;
  #spec: OpenSpec | undefined;

  constructor(spec: OpenSpec, options: PlaceOptions) {
    this.#spec = spec;
    this.#options = options;
  }

  /** On the calling thread. The threads beside it are those of the place from here on. */
  async inline(signal?: AbortLike): Promise<Opened> {
    const spec = this.#known();
    try {
      const model = await openModel(spec, { checkpoint: () => throwIfAborted(signal) });
      if (signal?.aborted === true) await model.release();
      throwIfAborted(signal);
      this.#learn(spec, model.facts);
      return { facts: model.facts, place: inline(model, spec.threads - 1) };
    } catch (thrown) {
      throw signal?.aborted === true ? signal.reason : openError(thrown);
    }
  }

  /** In workers. The threads of one of them are the pool's from here on. */
  async workers(execution: "worker" | "process", signal: AbortLike | undefined): Promise<Opened> {
    const { maxWorkers, onEvent, onCapacity } = this.#options;
    const spec = this.#known();
    const first = await this.#start(execution, spec, signal);
    this.#learn(spec, first.facts);
    const start = (leaving: AbortLike): Promise<Host> => this.#start(execution, this.#known(), leaving);
    const pool = new Pool({ start, first, threads: spec.threads, maxWorkers, onEvent, onCapacity });
    return { facts: first.facts, place: pooled(execution, pool) };
  }

  /** Lets go of the model's bytes: nothing is opened any more. */
  forget(): void {
    this.#spec = undefined;
  }

  async #start(execution: "worker" | "process", spec: OpenSpec, signal: AbortLike | undefined): Promise<Host> {
    const { entry, limits, maxRssBytes } = this.#options;
    throwIfAborted(signal);
    const host = new Host(
      (events) => (execution === "process" ? startProcess(entry, maxRssBytes, events) : startThread(entry, events)),
      limits,
    );
    try {
      await untilAborted(host.open(spec), signal);
      return host;
    } catch (error) {
      void host.close();
      throw error;
    }
  }

  #known(): OpenSpec {
    if (this.#spec === undefined) throw new Error("the session is closed");
    return this.#spec;
  }

  #learn(spec: OpenSpec, { device, digest, externalDigest }: ModelFacts): void {
    this.#spec = { ...spec, devices: [device], sha256: digest, externalDigest };
  }
}

/** Takes the threads for a place beside one that is about to be closed. */
export async function beside(threads: number, opening: () => Promise<Opened>): Promise<Place> {
  takeThreads(threads, "anyway");
  try {
    return (await opening()).place;
  } catch (error) {
    giveThreads(threads);
    throw error;
  }
}

function throwIfAborted(signal: AbortLike | undefined): void {
  if (signal?.aborted === true) throw signal.reason;
}
