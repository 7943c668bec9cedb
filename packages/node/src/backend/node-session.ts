import type { BackendEvent, BackendSession, ModelMetadata, RunOptions, Signature, SkippedDevice, Tensor, Tensors } from "@predikt/core";
import { cpuBudget } from "../worker/budget.ts";
import type { ModelFacts } from "../worker/protocol.ts";
import type { Place } from "./place.ts";

/** A run of the largest batch that takes less than this many milliseconds is worth no trip to another thread. */
export const inlineBelowMs = 0.5;

/** Runs that are handed to the runtime in one turn of the event loop at most. They cannot be taken back. */
const maxInline = 32;

/** What a session is made of. */
export interface SessionParts {
  readonly facts: ModelFacts;
  readonly place: Place;
  readonly threads: number;
  readonly maxWorkers: number;
  readonly maxBatchSize: number;
  /** Opens the model on the calling thread; given where the session may choose its place by measuring. */
  readonly openInline: (() => Promise<Place>) | undefined;
  readonly onEvent: (event: BackendEvent) => void;
  readonly onCapacity: () => void;
}

/** A model that is open on Node. */
export class NodeSession implements BackendSession {
  readonly #parts: SessionParts;
  #place: Place;
  #measuredRunMs: number | undefined;
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
  get details(): Readonly<Record<string, unknown>> {
    const { facts, threads, maxWorkers } = this.#parts;
    const { size, pids, execution } = this.#place;
    return {
      runtime: facts.runtime,
      threads,
      ...(execution === "inline" ? {} : { workers: size, maxWorkers, cpuBudget: cpuBudget() }),
      ...(pids.length === 0 ? {} : { pids }),
      ...(this.#measuredRunMs === undefined ? {} : { measuredRunMs: this.#measuredRunMs }),
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
  async calibrate(feeds: Tensors): Promise<void> {
    const { openInline, onEvent, onCapacity, maxBatchSize } = this.#parts;
    if (openInline !== undefined) {
      this.#measuredRunMs = await bestRunMs(this.#place, repeated(feeds, maxBatchSize, this.signature));
      if (this.#measuredRunMs < inlineBelowMs) {
        const workers = this.#place;
        this.#place = await openInline();
        await workers.close();
      }
      onEvent({ type: "execution-chosen", detail: { execution: this.execution, measuredRunMs: this.#measuredRunMs, inlineBelowMs } });
    }
    // With batching, the jobs that arrive during one run share the next.
    if (this.#place.widen === undefined || maxBatchSize > 1) return;
    const runMs = await bestRunMs(this.#place, feeds);
    this.#measuredRunMs ??= runMs;
    this.#place.widen(runMs < inlineBelowMs ? await runsPerTurn(this.#place, feeds) : 1);
    onCapacity();
  }

  close(): Promise<void> {
    this.#closing ??= this.#place.close();
    return this.#closing;
  }
}

/** Milliseconds of a run, the way there and back included. */
function bestRunMs(place: Place, feeds: Tensors): Promise<number> {
  return best(async () => (await place.time(feeds)).runMs);
}

/** How many runs fit into one turn of the event loop, at least 1: measured in company, since alone each would pay for a turn of its own. */
async function runsPerTurn(place: Place, feeds: Tensors): Promise<number> {
  const turnMs = await best(async () => {
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: maxInline }, () => place.run(feeds, undefined)));
    return performance.now() - startedAt;
  });
  return Math.max(1, Math.min(maxInline, Math.floor((maxInline * inlineBelowMs) / turnMs)));
}

/** The shortest of up to fifty times, since what else the machine does only adds, and code is slow until it is compiled; of fewer where they are long. */
async function best(measure: () => Promise<number>): Promise<number> {
  let shortest = Infinity;
  let spentMs = 0;
  for (let round = 0; round < 50 && spentMs < 20 * inlineBelowMs; round++) {
    const ms = await measure();
    shortest = Math.min(shortest, ms);
    spentMs += ms;
  }
  return Math.round(shortest * 1000) / 1000;
}

/** The feeds as often as a batch may hold them, where axis 0 of every input is free. */
function repeated(feeds: Tensors, times: number, signature: Signature): Tensors {
  const free = signature.inputs.every((spec) => typeof spec.shape[0] === "string" && feeds[spec.name]?.dims[0] === 1);
  if (times === 1 || !free) return feeds;
  const batch: Record<string, Tensor> = {};
  for (const name in feeds) {
    const { type, data, dims } = feeds[name] as Tensor;
    batch[name] = { type, data: repeat(data, times), dims: [times, ...dims.slice(1)] } as Tensor;
  }
  return batch;
}

function repeat(data: Tensor["data"], times: number): Tensor["data"] {
  if (Array.isArray(data)) return Array.from({ length: times }, () => data).flat();
  const joined = data.slice(0, 0).constructor as new (length: number) => Float32Array;
  const all = new joined(data.length * times);
  for (let i = 0; i < times; i++) all.set(data as Float32Array, i * data.length);
  return all;
}
