import { OverloadError } from "../errors/index.ts";
import type { AbortLike, PredictOptions, Priority, Tensors, Timings } from "../types/index.ts";
import type { Clock } from "./clock.ts";

/** How a job ended. */
export type Outcome = "succeeded" | "failed" | "aborted" | "expired";

/** What a job asks of its owner. */
export interface JobOwner {
  readonly clock: Clock;
  /** The job has its tensors' results: decode them and settle it. */
  finish(job: Job): void;
  /** The job has settled, once. */
  settled(job: Job, outcome: Outcome, error: unknown): void;
}

/**
 * One request inside the SDK, made once and carried through every room. It settles exactly once: with a result, an error, its signal's reason
 * or its deadline, whichever comes first.
 */
export class Job {
  readonly owner: JobOwner;
  readonly options: PredictOptions;
  readonly calledAt: number;
  readonly priority: Priority;
  /** What the owner needs to finish the job. */
  readonly work: unknown;
  feeds: Tensors = {};
  /** Rows along axis 0; 0 where the job cannot share a run. */
  rows = 0;
  lane = "";
  outputs: Tensors | undefined;
  /** Rows of the run that answered. */
  batchSize = 0;
  attempts = 0;
  encodedAt = 0;
  startedAt = 0;
  ranAt = 0;
  settledAt = 0;
  done = false;
  /** Called when the job settles while it waits or runs, so that a scheduler can let it go. */
  onGone: (() => void) | undefined;
  readonly #resolve: (value: never) => void;
  readonly #reject: (error: unknown) => void;
  #timer: unknown;
  #listener: (() => void) | undefined;

  constructor(owner: JobOwner, options: PredictOptions, work: unknown, resolve: (value: never) => void, reject: (error: unknown) => void) {
    this.owner = owner;
    this.options = options;
    this.work = work;
    this.priority = options.priority ?? "normal";
    this.calledAt = owner.clock.now();
    this.#resolve = resolve;
    this.#reject = reject;
    const { signal, timeoutMs } = options;
    if (signal !== undefined) this.#listen(signal);
    if (timeoutMs !== undefined && !this.done) this.#timer = owner.clock.after(timeoutMs, () => this.#expire(timeoutMs));
  }

  /** Whether anything but its result can settle this job. */
  get cancellable(): boolean {
    return this.#listener !== undefined || this.#timer !== undefined;
  }

  get timings(): Timings {
    const end = this.done ? this.settledAt : this.owner.clock.now();
    const encoded = this.encodedAt || end;
    const started = this.startedAt || end;
    const ran = this.ranAt || end;
    return {
      encodeMs: encoded - this.calledAt,
      queueMs: this.encodedAt === 0 ? 0 : started - encoded,
      runMs: this.startedAt === 0 ? 0 : ran - started,
      decodeMs: this.ranAt === 0 ? 0 : end - ran,
      totalMs: end - this.calledAt,
    };
  }

  succeed(value: unknown): void {
    if (this.#settle("succeeded", undefined)) this.#resolve(value as never);
  }

  fail(error: unknown): void {
    if (this.#settle("failed", error)) this.#reject(error);
  }

  #listen(signal: AbortLike): void {
    const abort = (): void => {
      if (this.#settle("aborted", signal.reason)) this.#reject(signal.reason);
    };
    if (signal.aborted) {
      abort();
      return;
    }
    this.#listener = abort;
    signal.addEventListener("abort", abort);
  }

  #expire(limitMs: number): void {
    this.#timer = undefined;
    const error = new OverloadError("DEADLINE_EXCEEDED", `no answer within ${limitMs} ms`, { details: { timeoutMs: limitMs } });
    if (this.#settle("expired", error)) this.#reject(error);
  }

  #settle(outcome: Outcome, error: unknown): boolean {
    if (this.done) return false;
    this.done = true;
    this.settledAt = this.owner.clock.now();
    if (this.#timer !== undefined) this.owner.clock.clear(this.#timer);
    if (this.#listener !== undefined) this.options.signal?.removeEventListener("abort", this.#listener);
    this.onGone?.();
    this.owner.settled(this, outcome, error);
    return true;
  }
}
