import { LRUCache } from "lru-cache";
import type { Job } from "../batching/job.ts";
import { uuid } from "../predictor/uuid.ts";
import { must, mustBeWhole } from "../tensor/index.ts";
import type {
  AnyPredictor,
  Definition,
  Prediction,
  PredictOptions,
  Predictor,
  PredictorEvent,
  PredictorInfo,
  PredictorStats,
  RawInputs,
  Timings,
} from "../types/index.ts";
import { cacheKey, type Hash, portableHash } from "./cache-key.ts";
import { type Copy, copyOf } from "./copy.ts";
import { Flight, type Landing } from "./flight.ts";
import { checkBasics, checkWrap, isPredictor, notPredictor, type WrapOptions } from "./options.ts";
import { type Request, type Told, Wrapper } from "./wrapper.ts";

/** Options of `cached`. */
export interface CacheOptions extends WrapOptions {
  /** About how many bytes of answers are kept; those that were not asked for longest go first. At least 1. Default: 64 MiB. */
  readonly maxBytes?: number | undefined;
  /** Milliseconds after which an answer is no longer given, from when it was made. At least 1. Default: 600,000 (10 minutes). */
  readonly maxAgeMs?: number | undefined;
  /**
   * Makes what digests inputs, 128 bits or more. Default: SHA-256 in JavaScript, which takes about 8 ms for a MiB; on Node, `() => createHash("sha256")` of
   * `node:crypto` takes a tenth of that.
   */
  readonly createHash?: (() => Hash) | undefined;
}

/** A predictor with a cache of answers before it. */
export interface CachedPredictor<Input, Output> extends Predictor<Input, Output> {
  /** Forgets all answers, and those that are being made now. */
  clear(): void;
}

/**
 * Puts a bounded cache of answers before a predictor: the same input of the same model, for the same kind of answer, runs once. Right for models whose answer
 * depends on nothing else.
 *
 * The key is a digest of the model's name, version and digests (its members', for a composition), of `version`, `label` and `routingKey`, and of the input's
 * content. An input that cannot be compared by its content (a Blob, an instance of a class) goes past the cache, and so does an output that cannot be copied.
 * Every caller gets an answer of its own: what is kept is a copy, and what is given later is a copy of that. Errors are not kept.
 *
 * Calls of one key at the same time share one run, which ends early only if all of them are aborted or late; its priority is the first one's. `stats().cache`
 * counts, each call is a `cache-asked` event, and `predictDetailed` says `fromCache`. Everything else, `info` too, is the predictor's own.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function cached<Input, Output>(predictor: Predictor<Input, Output>, options: CacheOptions = {}): CachedPredictor<Input, Output> {
  if (!isPredictor(predictor)) throw notPredictor("predictor", predictor);
  return new Cached(predictor, options) as never;
}

/** What is kept of an answer. */
interface Kept extends Pick<Prediction<unknown>, "model" | "device"> {
  readonly output: unknown;
}

/** What a call learns on its way, for its event. */
interface Trail {
  timings?: Timings;
  batchSize: number;
}

type Asked = Extract<PredictorEvent, { type: "cache-asked" }>["outcome"];

class Cached extends Wrapper<Trail> implements CachedPredictor<never, unknown> {
  protected readonly where: string;
  protected readonly members: readonly AnyPredictor[];
  readonly #inner: AnyPredictor;
  readonly #limits: { readonly maxBytes: number; readonly maxAgeMs: number };
  readonly #createHash: () => Hash;
  readonly #kept: LRUCache<string, Kept>;
  readonly #flights = new Map<string, Flight>();
  readonly #asked: Record<Asked, number> = { hit: 0, miss: 0, shared: 0, bypassed: 0 };

  constructor(inner: AnyPredictor, options: CacheOptions) {
    checkWrap(options);
    const { maxBytes = 2 ** 26, maxAgeMs = 600_000, createHash = portableHash } = options;
    mustBeWhole("maxBytes", maxBytes, 1);
    mustBeWhole("maxAgeMs", maxAgeMs, 1);
    must(typeof createHash === "function", "createHash", "a function", createHash);
    super(options);
    this.#inner = inner;
    this.members = [inner];
    this.where = `the cache of model "${inner.info.name}"`;
    this.#limits = { maxBytes, maxAgeMs };
    this.#createHash = createHash;
    // It takes 0 for "no time at all", and would keep for ever what a clock's first millisecond brought.
    const perf = { now: () => this.clock.now() + 1 };
    this.#kept = new LRUCache({ maxSize: maxBytes, ttl: maxAgeMs, ttlResolution: 0, perf });
  }

  get definition(): Definition<never, unknown> | undefined {
    return this.#inner.definition as Definition<never, unknown> | undefined;
  }

  get info(): PredictorInfo {
    const { info } = this.#inner;
    return { ...info, state: this.state === "ready" ? info.state : this.state, details: { ...info.details, cache: this.#limits } };
  }

  stats(): PredictorStats {
    const { runs, rows, isolations, members } = this.#inner.stats();
    const { hit: hits, miss: misses, shared, bypassed } = this.#asked;
    this.#kept.purgeStale();
    const cache = { hits, misses, shared, bypassed, entries: this.#kept.size, bytes: this.#kept.calculatedSize };
    return { ...this.counts, runs, rows, isolations, ...(members === undefined ? {} : { members }), cache };
  }

  /** Jobs and the end are its own, the rest is the predictor's. */
  on(type: string, listener: (event: never) => void): () => void {
    const stop = this.listen(type, listener);
    const own = ["job-settled", "job-rejected", "predictor-closed", "cache-asked"];
    if (own.includes(type)) return stop;
    const stopInner = this.#inner.on(type as "*", (event) => {
      if (!own.includes(event.type)) listener(event as never);
    });
    return () => {
      stop();
      stopInner();
    };
  }

  clear(): void {
    this.#kept.clear();
    // Those who wait are answered, but nothing is kept.
    this.#flights.clear();
  }

  override async close(): Promise<void> {
    await super.close();
    this.clear();
  }

  protected check(given: PredictOptions, limitMs: number | undefined): PredictOptions {
    return checkBasics(given, limitMs);
  }

  protected open(): Trail {
    return { batchSize: 0 };
  }

  protected tell(job: Job, { timings = job.timings, batchSize }: Trail): Told {
    return { timings, batchSize };
  }

  protected async answer(job: Job, trail: Trail, request: Request): Promise<unknown> {
    const key = this.#keyOf(job, request);
    if (key === undefined) {
      this.#count("bypassed", job);
      return this.#alone(job, trail, request);
    }
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#count("hit", job);
      const { value } = copyOf(kept.output) as Copy;
      return request.detailed ? this.#detail(job, { ...kept, output: value, timings: job.timings, batchSize: 0, fromCache: true }) : value;
    }
    const flying = this.#flights.get(key);
    if (flying === undefined) return this.#fly(key, job, trail, request);
    this.#count("shared", job);
    flying.board(job);
    job.encodedAt = this.clock.now();
    const { prediction, copy } = await (flying.landing as Promise<Landing>);
    // There is one output only, and another call has it.
    if (copy === undefined) return this.#alone(job, trail, request);
    const output = copyOf(copy.value)?.value;
    trail.batchSize = prediction.batchSize;
    return request.detailed ? this.#detail(job, { ...prediction, output, timings: job.timings }) : output;
  }

  /** Runs, for this call and those that come meanwhile, and keeps the answer. */
  async #fly(key: string, job: Job, trail: Trail, request: Request): Promise<unknown> {
    this.#count("miss", job);
    const forget = (): void => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    const flight: Flight = new Flight(forget);
    this.#flights.set(key, flight);
    flight.board(job);
    const { digest } = this.#inner.info;
    flight.landing = this.#ask(job, request, flight).then((prediction) => {
      const copy = copyOf(prediction.output);
      const { model, device } = prediction;
      // A model that was replaced meanwhile has answered for another one.
      const same = digest === undefined || model.digest === undefined || digest === model.digest;
      if (copy !== undefined && same && this.#flights.get(key) === flight)
        this.#kept.set(key, { output: copy.value, model, device }, { size: copy.bytes + 2 * key.length });
      return { prediction, copy };
    });
    try {
      return this.#own(job, trail, request, (await flight.landing).prediction);
    } finally {
      forget();
    }
  }

  /** Runs for this call alone. */
  async #alone(job: Job, trail: Trail, request: Request): Promise<unknown> {
    const flight = new Flight(() => {});
    flight.board(job);
    return this.#own(job, trail, request, await this.#ask(job, request, flight));
  }

  /** Has the predictor do it, without a time limit: each call that waits has its own. */
  async #ask(job: Job, { form, value }: Request, { stop }: Flight): Promise<Prediction<unknown>> {
    const options: PredictOptions = { ...job.options, signal: stop, timeoutMs: undefined };
    const inner = this.#inner;
    if (form.wanted === "output")
      return form.given === "input" ? inner.predictDetailed(value, options) : inner.predictEncoded(value as RawInputs, options);
    const startedAt = this.clock.now();
    const output = await inner.run(value as RawInputs, options);
    const { name, version, digest, device } = inner.info;
    const totalMs = this.clock.now() - startedAt;
    const timings = { queueMs: 0, encodeMs: 0, runMs: totalMs, decodeMs: 0, totalMs };
    return { output, id: "", model: { name, version, digest }, device, timings, batchSize: 0 };
  }

  /** The answer for the call that ran. What its key took counts as encoding. */
  #own(job: Job, trail: Trail, { detailed }: Request, prediction: Prediction<unknown>): unknown {
    const totalMs = this.clock.now() - job.calledAt;
    const { timings, batchSize, output } = prediction;
    const encodeMs = timings.encodeMs + Math.max(0, totalMs - timings.totalMs);
    trail.timings = { ...timings, encodeMs, totalMs };
    trail.batchSize = batchSize;
    return detailed ? this.#detail(job, { ...prediction, timings: trail.timings }) : output;
  }

  #detail(job: Job, known: Omit<Prediction<unknown>, "id">): Prediction<unknown> {
    return { ...known, id: job.options.requestId ?? uuid() };
  }

  #keyOf({ options: { version, label, routingKey } }: Job, { form, value }: Request): string | undefined {
    const { name, version: own, digest, details } = this.#inner.info;
    const identity = [name, own, digest, details["externalDigest"], membersOf(details["members"])];
    return cacheKey([identity, version, label, routingKey, form.given, form.wanted, value], this.#createHash);
  }

  #count(outcome: Asked, { options: { requestId } }: Job): void {
    this.#asked[outcome]++;
    this.events.emit({ type: "cache-asked", id: requestId, outcome });
  }
}

/** Which models a composition has. */
function membersOf(members: unknown): unknown {
  if (!Array.isArray(members)) return undefined;
  return members.map(({ name, version, digest, externalDigest, members: inner }) => [
    name,
    version,
    digest,
    externalDigest,
    membersOf(inner),
  ]);
}
