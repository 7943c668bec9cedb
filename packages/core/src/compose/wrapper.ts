import { Job, type JobOwner, type Outcome } from "../batching/job.ts";
import { isPrediktError, LifecycleError } from "../errors/index.ts";
import { systemClock } from "../predictor/clock.ts";
import { Emitter } from "../predictor/emitter.ts";
import { inTurns } from "../predictor/in-turns.ts";
import type {
  AnyPredictor,
  Clock,
  Prediction,
  PredictOptions,
  PredictorEvent,
  PredictorInfo,
  PredictorStats,
  RawInputs,
  Tensors,
  Timings,
} from "../types/index.ts";
import { closeAll } from "./close-all.ts";
import type { WrapOptions } from "./options.ts";

/** What a predictor is given, and what is wanted of it. */
export interface Form {
  readonly given: "input" | "tensors";
  readonly wanted: "output" | "tensors";
}

/** What a call asks for. */
export interface Request {
  readonly form: Form;
  readonly value: unknown;
  /** Whether everything that is known about the prediction is wanted too. */
  readonly detailed: boolean;
}

/** Where a call's time went, and the rows of the run that answered it. */
export interface Told {
  readonly timings: Timings;
  readonly batchSize: number;
}

const plain: Form = { given: "input", wanted: "output" };
const encoded: Form = { given: "tensors", wanted: "output" };
const raw: Form = { given: "tensors", wanted: "tensors" };

/** What every predictor over other predictors has: a job for each call, counters, events, and an orderly end. */
export abstract class Wrapper<Work> implements JobOwner {
  readonly clock: Clock;
  protected readonly events: Emitter = new Emitter();
  readonly #options: WrapOptions;
  readonly #outcomes: Record<Outcome, number> = { succeeded: 0, failed: 0, aborted: 0, expired: 0 };
  #requests = 0;
  #rejected = 0;
  #active = 0;
  #state: PredictorInfo["state"] = "ready";
  #closing: Promise<void> | undefined;
  #drained: (() => void) | undefined;

  constructor(options: WrapOptions) {
    this.#options = options;
    this.clock = options.clock ?? systemClock;
    if (options.onEvent !== undefined) this.events.on("*", options.onEvent);
  }

  /** How messages call it. */
  protected abstract readonly where: string;
  protected abstract readonly members: readonly AnyPredictor[];
  protected abstract check(given: PredictOptions, limitMs: number | undefined): PredictOptions;
  /** What a job carries. */
  protected abstract open(): Work;
  /** Does a job's work. Starts it before it returns. */
  protected abstract answer(job: Job, work: Work, request: Request): Promise<unknown>;
  protected abstract tell(job: Job, work: Work): Told;

  predict(input: never, options?: PredictOptions): Promise<unknown> {
    return this.#start({ form: plain, detailed: false, value: input }, options);
  }

  predictDetailed(input: never, options?: PredictOptions): Promise<Prediction<unknown>> {
    return this.#start({ form: plain, detailed: true, value: input }, options) as Promise<Prediction<unknown>>;
  }

  predictEncoded(tensors: RawInputs, options?: PredictOptions): Promise<Prediction<unknown>> {
    return this.#start({ form: encoded, detailed: true, value: tensors }, options) as Promise<Prediction<unknown>>;
  }

  run(tensors: RawInputs, options?: PredictOptions): Promise<Tensors> {
    return this.#start({ form: raw, detailed: false, value: tensors }, options) as Promise<Tensors>;
  }

  predictMany(inputs: readonly never[], options?: PredictOptions): Promise<PromiseSettledResult<unknown>[]> {
    const calledAt = this.clock.now();
    const { itemsAtOnce = 256 } = this.#options;
    return inTurns(inputs, itemsAtOnce, (value) => this.#start({ form: plain, detailed: false, value }, options, calledAt));
  }

  async warmup(): Promise<void> {
    await Promise.all(this.members.map((member) => member.warmup()));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  finish(): void {
    // Members finish jobs of their own.
  }

  settled(job: Job, outcome: Outcome, error: unknown): void {
    this.#active--;
    this.#outcomes[outcome]++;
    const code = isPrediktError(error) ? error.code : undefined;
    if (code === "QUEUE_FULL") {
      this.#rejected++;
      this.events.emit({ type: "job-rejected", code, queued: 0 });
    }
    if (this.events.heard)
      this.events.emit({
        type: "job-settled",
        id: job.options.requestId,
        signal: job.options.signal,
        outcome,
        code,
        ...this.tell(job, job.work as Work),
      });
    if (this.#active === 0) this.#drained?.();
  }

  protected get state(): PredictorInfo["state"] {
    return this.#state;
  }

  /** Counters of its own calls. */
  protected get counts(): Pick<PredictorStats, "requests" | Outcome | "rejected" | "queued" | "running"> {
    return { requests: this.#requests, ...this.#outcomes, rejected: this.#rejected, queued: 0, running: this.#active };
  }

  protected listen(type: string, listener: (event: never) => void): () => void {
    return this.events.on(type, listener as (event: PredictorEvent) => void);
  }

  #start(request: Request, given: PredictOptions = {}, calledAt?: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const options = this.check(given, this.#options.timeoutMs);
      if (this.#state !== "ready")
        throw new LifecycleError(
          this.#state === "closed" ? "CLOSED" : "DRAINING",
          `${this.where} is ${this.#state} and takes no more work`,
        );
      this.#requests++;
      this.#active++;
      const work = this.open();
      const job = new Job(this, options, work, resolve as (value: never) => void, reject, calledAt);
      if (job.done) return;
      this.answer(job, work, request).then(
        (value) => job.succeed(value),
        (error: unknown) => job.fail(error),
      );
    });
  }

  async #close(): Promise<void> {
    this.#state = "draining";
    if (this.#active > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    try {
      if (this.#options.closeMembers === true) await closeAll(this.members);
    } finally {
      this.#state = "closed";
      this.events.emit({ type: "predictor-closed" });
    }
  }
}
