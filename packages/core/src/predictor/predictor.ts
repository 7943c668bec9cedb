import { Job, type JobOwner, type Outcome } from "../batching/job.ts";
import { isPriority } from "../batching/lane.ts";
import { Scheduler } from "../batching/scheduler.ts";
import { isPrediktError, LifecycleError, ModelError } from "../errors/index.ts";
import { mismatch } from "../errors/mismatch.ts";
import { describe } from "../tensor/index.ts";
import type {
  BackendSession,
  Clock,
  Definition,
  ModelIdentity,
  Prediction,
  PredictOptions,
  Predictor,
  PredictorEvent,
  PredictorInfo,
  PredictorStats,
  RawInputs,
  Tensors,
} from "../types/index.ts";
import { type Codec, isPromise } from "./codec.ts";
import type { Emitter } from "./emitter.ts";
import { inTurns } from "./in-turns.ts";
import { type CommonOptions, checkSignal, checkTimeout } from "./options.ts";
import { uuid } from "./uuid.ts";

interface Parts {
  readonly session: BackendSession;
  readonly definition: Definition<never, unknown> | undefined;
  readonly codec: Codec;
  readonly model: ModelIdentity;
  readonly example: Tensors | undefined;
  readonly events: Emitter;
  readonly clock: Clock;
  /** What `info` has beside the session's facts. */
  readonly about: Pick<PredictorInfo, "backend" | "batching" | "loadMs">;
}

/** How a job's results become its answer: decoded, decoded and with everything known about them, or as they are. */
type Work = "plain" | "detailed" | "raw";

const none: PredictOptions = {};
/** The one label of a predictor that no registry holds. */
const only = "stable";

/** The predictor over a backend session in this process. */
export class LocalPredictor implements Predictor<never, unknown>, JobOwner {
  readonly definition: Definition<never, unknown> | undefined;
  readonly clock: Clock;
  readonly #parts: Parts;
  readonly #scheduler: Scheduler;
  readonly #outcomes: Record<Outcome, number> = { succeeded: 0, failed: 0, aborted: 0, expired: 0 };
  readonly #timeoutMs: number | undefined;
  readonly #queueLimit: number;
  #requests = 0;
  #active = 0;
  #state: PredictorInfo["state"] = "ready";
  #closing: Promise<void> | undefined;
  #drained: (() => void) | undefined;

  constructor(parts: Parts, { queueLimit = 1024, retryLost = false, timeoutMs }: CommonOptions) {
    this.#parts = parts;
    this.definition = parts.definition;
    this.clock = parts.clock;
    this.#queueLimit = queueLimit;
    this.#timeoutMs = timeoutMs;
    this.#scheduler = new Scheduler({ ...parts, ...parts.about.batching, queueLimit, retryLost });
  }

  get info(): PredictorInfo {
    const { session, model, about } = this.#parts;
    const { device, skipped, execution, signature, metadata, modelBytes, details } = session;
    return { ...model, ...about, device, skipped, execution, signature, metadata, modelBytes, details, state: this.#state };
  }

  predict(input: never, options?: PredictOptions): Promise<unknown> {
    return this.#start("plain", input, options, this.#parts.codec.encode);
  }

  predictDetailed(input: never, options?: PredictOptions): Promise<Prediction<unknown>> {
    return this.#start("detailed", input, options, this.#parts.codec.encode) as Promise<Prediction<unknown>>;
  }

  predictEncoded(tensors: RawInputs, options?: PredictOptions): Promise<Prediction<unknown>> {
    return this.#start("detailed", tensors, options, this.#parts.codec.accept) as Promise<Prediction<unknown>>;
  }

  run(tensors: RawInputs, options?: PredictOptions): Promise<Tensors> {
    return this.#start("raw", tensors, options, this.#parts.codec.accept) as Promise<Tensors>;
  }

  /** Holds at most half of the queue at once, so that a long list neither overflows it nor keeps others out. */
  predictMany(inputs: readonly never[], options?: PredictOptions): Promise<PromiseSettledResult<unknown>[]> {
    const calledAt = this.clock.now();
    const { encode } = this.#parts.codec;
    return inTurns(inputs, Math.ceil(this.#queueLimit / 2), (input) => this.#start("plain", input, options, encode, calledAt));
  }

  stats(): PredictorStats {
    return { requests: this.#requests, ...this.#outcomes, ...this.#scheduler.counts };
  }

  on(type: string, listener: (event: never) => void): () => void {
    return this.#parts.events.on(type, listener as (event: PredictorEvent) => void);
  }

  async warmup(): Promise<void> {
    const { example } = this.#parts;
    if (example !== undefined) await this.run(example);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The session's capacity has changed. */
  wake(): void {
    this.#scheduler.wake();
  }

  finish(job: Job): void {
    const outputs = job.outputs as Tensors;
    try {
      const output = job.work !== "raw" ? this.#parts.codec.decode(outputs) : outputs;
      if (isPromise(output)) output.then((value) => this.#succeed(job, value)).catch((error: unknown) => job.fail(error));
      else this.#succeed(job, output);
    } catch (error) {
      job.fail(error);
    }
  }

  settled(job: Job, outcome: Outcome, error: unknown): void {
    this.#active--;
    this.#outcomes[outcome]++;
    const { events } = this.#parts;
    if (events.heard) {
      const { timings, batchSize, options } = job;
      const code = isPrediktError(error) ? error.code : undefined;
      events.emit({ type: "job-settled", id: options.requestId, signal: options.signal, outcome, code, timings, batchSize });
    }
    if (!this.#active) this.#drained?.();
  }

  #succeed(job: Job, output: unknown): void {
    job.succeed(job.work === "detailed" ? this.#detail(job, output) : output);
  }

  #detail(job: Job, output: unknown): Prediction<unknown> {
    const { model, session } = this.#parts;
    const { batchSize, timings } = job;
    return { output, id: job.options.requestId ?? uuid(), model, device: session.device, batchSize, timings };
  }

  #start(
    work: Work,
    input: unknown,
    given: PredictOptions | undefined,
    encode: (input: never, owned?: boolean) => Tensors | Promise<Tensors>,
    calledAt?: number,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const options = given === undefined && this.#timeoutMs === undefined ? none : this.#check(given ?? none);
      if (this.#state !== "ready") {
        const { name } = this.#parts.model;
        throw new LifecycleError(
          this.#state === "closed" ? "CLOSED" : "DRAINING",
          `model "${name}" is ${this.#state} and takes no more work`,
        );
      }
      this.#requests++;
      this.#active++;
      const job = new Job(this, options, work, resolve as (value: never) => void, reject, calledAt);
      if (job.done) return;
      try {
        const feeds = encode(input as never, options.transfer);
        if (isPromise(feeds)) feeds.then((ready) => this.#submit(job, ready)).catch((error: unknown) => job.fail(error));
        else this.#submit(job, feeds);
      } catch (error) {
        job.fail(error);
      }
    });
  }

  #submit(job: Job, feeds: Tensors): void {
    job.feeds = feeds;
    job.encodedAt = this.clock.now();
    this.#scheduler.submit(job);
  }

  #check(given: PredictOptions): PredictOptions {
    const { model } = this.#parts;
    const { signal, timeoutMs = this.#timeoutMs, priority = "normal", version = model.version, label = only } = given;
    checkSignal(signal);
    checkTimeout("timeoutMs", timeoutMs);
    if (!isPriority(priority)) throw mismatch("INPUT_VALUE", "priority", '"high", "normal" or "low"', describe(priority));
    if (version !== model.version || label !== only)
      throw new ModelError("MODEL_NOT_FOUND", `model "${model.name}" has the version "${model.version}" and the label "${only}" only`);
    return timeoutMs === given.timeoutMs ? given : { ...given, timeoutMs };
  }

  async #close(): Promise<void> {
    this.#state = "draining";
    if (this.#active) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    await this.#parts.session.close();
    this.#state = "closed";
    this.#parts.events.emit({ type: "predictor-closed" });
  }
}
