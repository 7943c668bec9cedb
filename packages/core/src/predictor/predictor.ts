import { Scheduler } from "../batching/scheduler.ts";
import { InputError, LifecycleError, ModelError } from "../errors/index.ts";
import type {
  BackendSession,
  BatchingInfo,
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
import type { Clock } from "./clock.ts";
import { type Codec, isPromise } from "./codec.ts";
import type { Emitter } from "./emitter.ts";
import { Job, type JobOwner, type Outcome } from "./job.ts";
import { type CommonOptions, checkSignal, checkTimeout } from "./options.ts";
import { uuid } from "./uuid.ts";

interface Parts {
  readonly session: BackendSession;
  readonly definition: Definition<never, unknown> | undefined;
  readonly codec: Codec;
  readonly model: ModelIdentity;
  readonly batching: BatchingInfo;
  readonly example: Tensors | undefined;
  readonly events: Emitter;
  readonly clock: Clock;
  readonly options: CommonOptions;
}

/** How a job's results become its answer. */
interface Work {
  readonly decode: boolean;
  readonly detailed: boolean;
}

const plain: Work = { decode: true, detailed: false };
const detailed: Work = { decode: true, detailed: true };
const raw: Work = { decode: false, detailed: false };
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
  readonly #defaults: PredictOptions;
  #requests = 0;
  #active = 0;
  #state: PredictorInfo["state"] = "ready";
  #closing: Promise<void> | undefined;
  #drained: (() => void) | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.definition = parts.definition;
    this.clock = parts.clock;
    const { queueLimit = 1024, retryLost = false, timeoutMs } = parts.options;
    this.#defaults = timeoutMs === undefined ? none : { timeoutMs };
    this.#scheduler = new Scheduler({ ...parts, ...parts.batching, queueLimit, retryLost });
  }

  get info(): PredictorInfo {
    const { session, model, batching, options } = this.#parts;
    const { device, skipped, execution, signature, metadata, modelBytes, details } = session;
    const backend = (options as { backend?: { name: string } }).backend?.name ?? "";
    return { ...model, backend, device, skipped, execution, signature, metadata, modelBytes, details, batching, state: this.#state };
  }

  predict(input: never, options?: PredictOptions): Promise<unknown> {
    return this.#start(plain, input, options, this.#parts.codec.encode);
  }

  predictDetailed(input: never, options?: PredictOptions): Promise<Prediction<unknown>> {
    return this.#start(detailed, input, options, this.#parts.codec.encode) as Promise<Prediction<unknown>>;
  }

  predictEncoded(tensors: RawInputs, options?: PredictOptions): Promise<Prediction<unknown>> {
    return this.#start(detailed, tensors, options, this.#parts.codec.accept) as Promise<Prediction<unknown>>;
  }

  run(tensors: RawInputs, options?: PredictOptions): Promise<Tensors> {
    return this.#start(raw, tensors, options, this.#parts.codec.accept) as Promise<Tensors>;
  }

  predictMany(inputs: readonly never[], options?: PredictOptions): Promise<PromiseSettledResult<unknown>[]> {
    return Promise.allSettled(inputs.map((input) => this.predict(input, options)));
  }

  stats(): PredictorStats {
    const { queued, running, runs, rows, isolations, rejected } = this.#scheduler.counts;
    return { requests: this.#requests, ...this.#outcomes, rejected, queued, running, runs, rows, isolations };
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
    const { decode } = job.work as Work;
    const outputs = job.outputs as Tensors;
    try {
      const output = decode ? this.#parts.codec.decode(outputs) : outputs;
      if (!isPromise(output)) this.#succeed(job, output);
      else
        output.then(
          (value) => this.#succeed(job, value),
          (error: unknown) => job.fail(error),
        );
    } catch (error) {
      job.fail(error);
    }
  }

  settled(job: Job, outcome: Outcome, error: unknown): void {
    this.#active--;
    this.#outcomes[outcome]++;
    const { events } = this.#parts;
    if (events.hears("job-settled")) {
      const code = (error as { code?: string } | undefined)?.code;
      events.emit({ type: "job-settled", id: job.options.requestId, outcome, code, timings: job.timings, batchSize: job.batchSize });
    }
    if (this.#active === 0) this.#drained?.();
  }

  #succeed(job: Job, output: unknown): void {
    if (!(job.work as Work).detailed) {
      job.succeed(output);
      return;
    }
    const { model, session } = this.#parts;
    const id = job.options.requestId ?? uuid();
    job.succeed({
      output,
      id,
      model,
      device: session.device,
      batchSize: job.batchSize,
      timings: job.timings,
    });
  }

  #start(
    work: Work,
    input: unknown,
    given: PredictOptions | undefined,
    encode: (input: never) => Tensors | Promise<Tensors>,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const options = given === undefined ? this.#defaults : this.#check(given);
      if (this.#state !== "ready") throw this.#refusal();
      this.#requests++;
      this.#active++;
      const job = new Job(this, options, work, resolve as (value: never) => void, reject);
      if (job.done) return;
      try {
        const feeds = encode(input as never);
        if (!isPromise(feeds)) this.#submit(job, feeds);
        else
          feeds.then(
            (ready) => this.#submitSafely(job, ready),
            (error: unknown) => job.fail(error),
          );
      } catch (error) {
        job.fail(error);
      }
    });
  }

  #submitSafely(job: Job, feeds: Tensors): void {
    try {
      this.#submit(job, feeds);
    } catch (error) {
      job.fail(error);
    }
  }

  #submit(job: Job, feeds: Tensors): void {
    job.feeds = feeds;
    job.encodedAt = this.clock.now();
    this.#scheduler.submit(job);
  }

  #check(given: PredictOptions): PredictOptions {
    const { model } = this.#parts;
    checkSignal(given.signal);
    checkTimeout("timeoutMs", given.timeoutMs);
    const { priority = "normal", version, label } = given;
    if (priority !== "normal" && priority !== "high" && priority !== "low") {
      throw new InputError("INPUT_VALUE", `option "priority": expected "high", "normal" or "low"`, { details: { path: "priority" } });
    }
    if ((version ?? model.version) !== model.version) throw this.#absent("version", model.version);
    if ((label ?? only) !== only) throw this.#absent("label", only);
    return given.timeoutMs === undefined && this.#defaults.timeoutMs !== undefined
      ? { ...given, timeoutMs: this.#defaults.timeoutMs }
      : given;
  }

  #absent(what: "version" | "label", has: string): ModelError {
    const { name } = this.#parts.model;
    return new ModelError("MODEL_NOT_FOUND", `model "${name}" has the ${what} "${has}" only`, {
      details: { model: name, [`${what}s`]: [has] },
    });
  }

  #refusal(): LifecycleError {
    const closed = this.#state === "closed";
    return new LifecycleError(
      closed ? "CLOSED" : "DRAINING",
      `model "${this.#parts.model.name}" is ${closed ? "closed" : "closing and takes no more work"}`,
    );
  }

  async #close(): Promise<void> {
    this.#state = "draining";
    if (this.#active > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    await this.#parts.session.close();
    this.#state = "closed";
    this.#parts.events.emit({ type: "predictor-closed" });
  }
}
