import { Job, type JobOwner, type Outcome } from "../batching/job.ts";
import { ConfigError, LifecycleError } from "../errors/index.ts";
import { mismatch } from "../errors/mismatch.ts";
import { Emitter } from "../predictor/emitter.ts";
import { checkSignal, checkTimeout } from "../predictor/options.ts";
import { uuid } from "../predictor/uuid.ts";
import { headers } from "../serving/wire/index.ts";
import type {
  Clock,
  Definition,
  Prediction,
  PredictOptions,
  Predictor,
  PredictorEvent,
  PredictorInfo,
  PredictorStats,
  RawInputs,
  Tensors,
} from "../types/index.ts";
import { carry, type Route } from "./carry.ts";
import { decodeOutput, decodeRaw, decodeTensors, encodeInput, encodeRaw } from "./codec.ts";
import { Joiner } from "./joiner.ts";
import { type HttpPredictorOptions, type Link, toBatchLimits, toLink } from "./options.ts";
import { fetchFacts, type RemoteFacts } from "./remote-info.ts";
import type { Reply, Work } from "./work.ts";

/** The typed route of a Predikt server as a predictor. */
export class HttpPredictor implements Predictor<never, unknown>, JobOwner {
  readonly definition: Definition<never, unknown> | undefined;
  readonly clock: Clock;
  readonly #name: string | undefined;
  readonly #link: Link;
  readonly #joiner: Joiner;
  readonly #maxItems: number;
  readonly #parse: boolean;
  readonly #timeoutMs: number | undefined;
  readonly #events: Emitter = new Emitter();
  readonly #outcomes: Record<Outcome, number> = { succeeded: 0, failed: 0, aborted: 0, expired: 0 };
  #facts: RemoteFacts;
  #warming: Promise<void> | undefined;
  #state: PredictorInfo["state"] = "ready";
  #requests = 0;
  #rejected = 0;
  #active = 0;
  #runs = 0;
  #rows = 0;
  #closing: Promise<void> | undefined;
  #drained: (() => void) | undefined;

  constructor(
    name: string | undefined,
    definition: Definition<never, unknown> | undefined,
    url: string | URL,
    options: HttpPredictorOptions,
  ) {
    this.definition = definition;
    this.#name = name;
    this.#link = toLink(url, options);
    this.clock = this.#link.clock;
    this.#parse = options.validateOutput ?? true;
    checkTimeout("timeoutMs", options.timeoutMs);
    this.#timeoutMs = options.timeoutMs;
    const limits = toBatchLimits(options.batch);
    // The default route has no /batch: its name would be a model's.
    const joining = limits.enabled && name !== undefined && limits.maxItems > 1;
    this.#maxItems = joining ? limits.maxItems : 1;
    const route: Route = { link: this.#link, name, onRun: (items) => this.#count(items) };
    this.#joiner = new Joiner({ ...limits, enabled: joining }, (jobs) => void carry(jobs, route));
    const signature = { inputs: [], outputs: [] };
    const version = definition?.version ?? "";
    this.#facts = {
      name: name ?? "default",
      version,
      digest: undefined,
      signature,
      metadata: {},
      modelBytes: undefined,
      details: { url: this.#link.url },
    };
  }

  get info(): PredictorInfo {
    const batching = { enabled: this.#maxItems > 1, maxBatchSize: this.#maxItems, maxDelayMs: 0 };
    return { ...this.#facts, backend: "http", device: "remote", skipped: [], execution: "remote", batching, state: this.#state };
  }

  predict(input: never, options?: PredictOptions): Promise<unknown> {
    return this.#start(options, () => ({ body: encodeInput(input), raw: false, finish: (reply) => this.#output(reply) }));
  }

  predictDetailed(input: never, options?: PredictOptions): Promise<Prediction<unknown>> {
    return this.#start(options, () => ({ body: encodeInput(input), raw: false, finish: this.#detail })) as Promise<Prediction<unknown>>;
  }

  predictEncoded(tensors: RawInputs, options?: PredictOptions): Promise<Prediction<unknown>> {
    // Without a definition the server's input is tensors anyway.
    const work = (): Work => ({ body: encodeInput(tensors), raw: false, finish: this.#detail });
    return this.#start(options, this.definition === undefined ? work : () => this.#rawWork(tensors, false, this.#detail)) as Promise<
      Prediction<unknown>
    >;
  }

  /** Over HTTP: any tensors of a model without a definition, else one single tensor in and one out. */
  async run(tensors: RawInputs, options?: PredictOptions): Promise<Tensors> {
    if (this.definition === undefined) return this.predict(tensors as never, options) as Promise<Tensors>;
    const finish = async (reply: Reply): Promise<Tensors> => {
      await this.#learn();
      return decodeRaw(reply, this.#facts.signature);
    };
    return this.#start(options, () => this.#rawWork(tensors, true, finish)) as Promise<Tensors>;
  }

  predictMany(inputs: readonly never[], options?: PredictOptions): Promise<PromiseSettledResult<unknown>[]> {
    return Promise.allSettled(inputs.map((input) => this.predict(input, options)));
  }

  stats(): PredictorStats {
    const queued = this.#joiner.waiting;
    const rest = { rejected: this.#rejected, queued, running: this.#active - queued, runs: this.#runs, rows: this.#rows, isolations: 0 };
    return { requests: this.#requests, ...this.#outcomes, ...rest };
  }

  on(type: string, listener: (event: never) => void): () => void {
    return this.#events.on(type, listener as (event: PredictorEvent) => void);
  }

  /** Asks the server about the model, and fills `info` with what it says. */
  warmup(): Promise<void> {
    this.#warming = undefined;
    return this.#learn();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  finish(): void {
    // Replies settle their jobs in carry.ts.
  }

  settled(job: Job, outcome: Outcome, error: unknown): void {
    this.#active--;
    this.#outcomes[outcome]++;
    if (this.#events.heard) {
      const { options, timings, batchSize } = job;
      const code = (error as { code?: string } | undefined)?.code;
      this.#events.emit({ type: "job-settled", id: options.requestId, signal: options.signal, outcome, code, timings, batchSize });
    }
    if (this.#active === 0) this.#drained?.();
  }

  #start(given: PredictOptions = {}, makeWork: () => Work): Promise<unknown> {
    return new Promise((resolve, reject) => {
      checkSignal(given.signal);
      checkTimeout("timeoutMs", given.timeoutMs);
      if (this.#state !== "ready") {
        this.#rejected++;
        const closed = this.#state === "closed";
        throw new LifecycleError(
          closed ? "CLOSED" : "DRAINING",
          `the predictor of ${this.#link.url} is ${closed ? "closed" : "closing and takes no more work"}`,
        );
      }
      checkRequestId(given.requestId);
      this.#checkSelector(given);
      const options = given.timeoutMs === undefined && this.#timeoutMs !== undefined ? { ...given, timeoutMs: this.#timeoutMs } : given;
      const work = makeWork();
      this.#requests++;
      this.#active++;
      const job = new Job(this, options, work, resolve as (value: never) => void, reject);
      if (work.ready === undefined) this.#send(job);
      else
        work.ready.then(
          () => this.#send(job),
          (error: unknown) => job.fail(error),
        );
    });
  }

  /** What no route can ask for must not go unasked. */
  #checkSelector({ version, label }: PredictOptions): void {
    const which = version === undefined ? "label" : "version";
    if ((version ?? label) !== undefined && this.#name === undefined)
      throw new ConfigError(which, "a predictor with the model's name", "one of the server's default model, whose versions have no route");
    if (version !== undefined && label !== undefined) throw new ConfigError("label", "a version or a label", "both");
  }

  #send(job: Job): void {
    job.encodedAt = this.clock.now();
    if (!job.done) this.#joiner.add(job);
  }

  /** What a model takes, the server is asked first, once. */
  #rawWork(tensors: RawInputs, raw: boolean, finish: Work["finish"]): Work {
    const { signature } = this.#facts;
    if (signature.inputs.length > 0) return { body: encodeRaw(tensors, signature), raw, finish };
    const ready = this.#learn().then(() => {
      work.body = encodeRaw(tensors, this.#facts.signature);
    });
    const work: Work = { body: "", raw, finish, ready };
    return work;
  }

  #output({ json }: Reply): unknown {
    if (this.definition === undefined) return decodeTensors(json);
    return this.#parse ? decodeOutput(json, this.definition) : json;
  }

  readonly #detail = async (reply: Reply, job: Job): Promise<Prediction<unknown>> => {
    const output = await this.#output(reply);
    const { name, version, digest } = this.#facts;
    const id = job.options.requestId ?? reply.headers.get(headers.requestId) ?? uuid();
    const model = { name, version: reply.headers.get(headers.modelVersion) ?? version, digest };
    return { output, id, model, device: "remote", timings: job.timings, batchSize: job.batchSize };
  };

  #count(items: number): void {
    this.#runs++;
    this.#rows += items;
  }

  #learn(): Promise<void> {
    this.#warming ??= fetchFacts(this.#link, this.#name).then(
      (facts) => {
        this.#facts = facts;
      },
      (error: unknown) => {
        this.#warming = undefined;
        throw error;
      },
    );
    return this.#warming;
  }

  async #close(): Promise<void> {
    this.#state = "draining";
    if (this.#active > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    this.#state = "closed";
    this.#events.emit({ type: "predictor-closed" });
  }
}

/** What the server would replace by one of its own. */
function checkRequestId(id: string | undefined): void {
  if (id !== undefined && !/^[\x21-\x7e]{1,128}$/.test(id))
    throw mismatch("INPUT_VALUE", "requestId", "1 to 128 visible ASCII characters", "something else", 'option "requestId"');
}
