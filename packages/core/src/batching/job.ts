import { OverloadError } from "../errors/index.ts";
import type { AbortLike, Clock, PredictOptions, Priority, Tensors, Timings } from "../types/index.ts";
import { hear, ignore } from "./abort-listeners.ts";
import type { Parts } from "./parts.ts";

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
  /** When it expires, on its owner's clock. */
  readonly deadlineAt: number;
  readonly priority: Priority;
  /** What the owner needs to finish the job. */
  readonly work: unknown;
  feeds: Tensors = {};
  /** Rows along axis 0; 0 where they cannot be told. */
  rows = 0;
  /** Whether it must not share a run. */
  alone = false;
  lane = "";
  /** Places in the queue that its start frees: none for a part of a job that still waits. */
  places = 1;
  /** The runs that it takes, where one cannot carry its rows. */
  parts: Parts | undefined;
  outputs: Tensors | undefined;
  /** Rows of the run that answered. */
  batchSize = 0;
  attempts = 0;
  encodedAt = 0;
  startedAt = 0;
  ranAt = 0;
  done = false;
  /** Whether anything but its result can settle it. */
  cancellable: boolean;
  /** Called when the job settles while it waits or runs, so that a scheduler can let it go. */
  onGone: ((job: Job) => void) | undefined;
  readonly #resolve: (value: never) => void;
  readonly #reject: (error: unknown) => void;
  #timer: unknown;
  #listener: (() => void) | undefined;

  /** @param calledAt From when its time limit counts. Default: now. */
  constructor(
    owner: JobOwner,
    options: PredictOptions,
    work: unknown,
    resolve: (value: never) => void,
    reject: (error: unknown) => void,
    calledAt: number = owner.clock.now(),
  ) {
    this.owner = owner;
    this.options = options;
    this.work = work;
    this.priority = options.priority ?? "normal";
    this.calledAt = calledAt;
    this.#resolve = resolve;
    this.#reject = reject;
    const { signal, timeoutMs = Infinity } = options;
    this.deadlineAt = calledAt + timeoutMs;
    this.cancellable = signal !== undefined || timeoutMs < Infinity;
    if (signal !== undefined) {
      const abort = (): void => this.#settle("aborted", signal.reason);
      if (signal.aborted) abort();
      else {
        this.#listener = abort;
        hear(signal, abort);
      }
    }
    if (timeoutMs === Infinity || this.done) return;
    const leftMs = this.deadlineAt - owner.clock.now();
    if (leftMs > 0) this.#timer = owner.clock.after(leftMs, () => this.expire());
    else this.expire();
  }

  /** Where the time went until now. */
  get timings(): Timings {
    const end = this.owner.clock.now();
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

  /** Resolves, unless the time limit has passed: its timer may not have had its turn yet. */
  succeed(value: unknown): void {
    this.#settle("succeeded", value);
  }

  fail(error: unknown): void {
    this.#settle("failed", error);
  }

  /** Ends with DEADLINE_EXCEEDED. */
  expire(): void {
    const { timeoutMs } = this.options;
    this.#settle("expired", new OverloadError("DEADLINE_EXCEEDED", `no answer within ${timeoutMs} ms`, { details: { timeoutMs } }));
  }

  #settle(outcome: Outcome, value: unknown): void {
    if (this.done) return;
    const { clock } = this.owner;
    const succeeded = outcome === "succeeded";
    if (succeeded && this.deadlineAt < Infinity && clock.now() >= this.deadlineAt) {
      this.expire();
      return;
    }
    this.done = true;
    clock.clear(this.#timer);
    if (this.#listener !== undefined) ignore(this.options.signal as AbortLike, this.#listener);
    this.onGone?.(this);
    this.owner.settled(this, outcome, succeeded ? undefined : value);
    (succeeded ? this.#resolve : this.#reject)(value as never);
  }
}
