import type { BackendEvent, BackendSession, ModelMetadata, RunOptions, Signature, SkippedDevice, Tensors } from "@predikt/core";
import { cpuBudget } from "../worker/budget.ts";
import type { ModelFacts } from "../worker/protocol.ts";
import { inlineBelowMs, inlinePatience } from "./inline-patience.ts";
import { bestRunMs, repeated, runsPerTurn } from "./measure.ts";
import type { Place } from "./place.ts";

/** Opens the model a second time, elsewhere. */
export interface OtherPlaces {
  inline(): Promise<Place>;
  workers(signal: AbortSignal): Promise<Place>;
}

/** What a session is made of. */
export interface SessionParts {
  readonly facts: ModelFacts;
  readonly place: Place;
  readonly threads: number;
  readonly maxWorkers: number;
  readonly maxBatchSize: number;
  /** Given where the session may choose its place by measuring. */
  readonly elsewhere: OtherPlaces | undefined;
  /** Called once the session is closed and opens nothing any more. */
  readonly forget: () => void;
  readonly onEvent: (event: BackendEvent) => void;
  readonly onCapacity: () => void;
}

/** A model that is open on Node. */
export class NodeSession implements BackendSession {
  readonly #parts: SessionParts;
  /** Fires on close. */
  readonly #leaving = new AbortController();
  #place: Place;
  #measuredRunMs: number | undefined;
  #reason: string | undefined;
  #calibrating: Promise<void> | undefined;
  #moving: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#place = parts.place;
  }

  get signature(): Signature {
    return this.#parts.facts.signature;
  }
  get metadata(): ModelMetadata {
    return this.#parts.facts.metadata;
  }
  get digest(): string {
    return this.#parts.facts.digest;
  }
  get modelBytes(): number {
    return this.#parts.facts.modelBytes;
  }
  get device(): string {
    return this.#parts.facts.device;
  }
  get skipped(): readonly SkippedDevice[] {
    return this.#parts.facts.skipped;
  }
  get batchUnsafeOps(): readonly string[] {
    return this.#parts.facts.batchUnsafeOps;
  }
  get concurrency(): number {
    return this.#place.size;
  }
  get execution(): string {
    return this.#place.execution;
  }
  get stopsAbandoned(): boolean {
    return this.#place.stopsAbandoned;
  }
  get details(): Readonly<Record<string, unknown>> {
    const { facts, threads, maxWorkers } = this.#parts;
    const { size, pids, execution } = this.#place;
    return {
      runtime: facts.runtime,
      threads,
      ...(facts.externalDigest === undefined ? {} : { externalDigest: facts.externalDigest }),
      ...(execution === "inline" ? {} : { workers: size, maxWorkers, cpuBudget: cpuBudget() }),
      ...(pids.length === 0 ? {} : { pids }),
      ...(this.#measuredRunMs === undefined ? {} : { measuredRunMs: this.#measuredRunMs }),
      ...(this.#reason === undefined ? {} : { executionReason: this.#reason }),
    };
  }

  run(feeds: Tensors, options?: RunOptions): Promise<Tensors> {
    return this.#place.run(feeds, options);
  }

  pressure(waiting: number): void {
    this.#place.pressure(waiting);
  }

  /**
   * Where the place is to be chosen: measures the largest batch in the worker, and moves to the calling thread where that is faster than the way to
   * the worker and back. On the calling thread: measures how many runs fit into one turn of the event loop.
   */
  calibrate(feeds: Tensors): Promise<void> {
    this.#calibrating = this.#calibrate(feeds);
    return this.#calibrating;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  get #isClosing(): boolean {
    return this.#leaving.signal.aborted;
  }

  async #calibrate(feeds: Tensors): Promise<void> {
    const { elsewhere, onCapacity, maxBatchSize } = this.#parts;
    if (elsewhere !== undefined) await this.#choose(elsewhere, feeds);
    // With batching, the jobs that arrive during one run share the next.
    if (this.#place.widen === undefined || maxBatchSize > 1 || this.#isClosing) return;
    const runMs = await bestRunMs(this.#place, feeds, this.#leaving.signal);
    this.#measuredRunMs ??= runMs;
    this.#place.widen?.(runMs < inlineBelowMs ? await runsPerTurn(this.#place, feeds) : 1);
    onCapacity();
  }

  async #choose(elsewhere: OtherPlaces, feeds: Tensors): Promise<void> {
    const { facts, maxBatchSize } = this.#parts;
    const batch = repeated(feeds, maxBatchSize, facts.signature);
    this.#measuredRunMs = await bestRunMs(this.#place, batch, this.#leaving.signal);
    if (facts.loops.length > 0) {
      this.#chosen("the model has loops, so that a run may take far longer than the one measured");
    } else if (this.#measuredRunMs >= inlineBelowMs) {
      this.#chosen(`a run takes ${this.#measuredRunMs} ms, ${inlineBelowMs} ms or more`);
    } else if (!this.#isClosing) {
      const place = await elsewhere.inline().catch((error: unknown) => error as Error);
      if (place instanceof Error) return this.#chosen(`it cannot be opened on the calling thread: ${place.message}`);
      await this.#settleIn(place, `a run takes ${this.#measuredRunMs} ms, less than ${inlineBelowMs} ms`);
      const tooLong = inlinePatience();
      place.watch?.((runMs) => {
        if (tooLong(runMs)) this.#moving ??= this.#moveAway(elsewhere, runMs);
      });
    }
  }

  /** Brings the runs to workers, since they turn out too long for the calling thread. */
  async #moveAway(elsewhere: OtherPlaces, runMs: number): Promise<void> {
    const why = `runs came to take too long for the calling thread, the last ${Math.round(runMs)} ms`;
    try {
      await this.#settleIn(await elsewhere.workers(this.#leaving.signal), why);
      this.#parts.onCapacity();
    } catch (error) {
      if (!this.#isClosing) this.#chosen(`${why}; no worker could be opened: ${(error as Error).message}`);
    }
  }

  /** Takes a place for all further runs; the one before ends after its own. Where the session is being closed, the new one is closed instead. */
  async #settleIn(place: Place, reason: string): Promise<void> {
    const before = this.#place;
    if (this.#isClosing) return place.close();
    this.#place = place;
    this.#chosen(reason);
    await before.close();
  }

  #chosen(reason: string): void {
    this.#reason = reason;
    const { execution } = this;
    this.#parts.onEvent({ type: "execution-chosen", detail: { execution, measuredRunMs: this.#measuredRunMs, inlineBelowMs, reason } });
  }

  async #close(): Promise<void> {
    this.#leaving.abort();
    await this.#place.close();
    await Promise.allSettled([this.#calibrating, this.#moving]);
    this.#parts.forget();
  }
}
