import { LifecycleError } from "../errors/index.ts";
import { Emitter } from "../predictor/emitter.ts";
import type {
  AnyPredictor,
  Definition,
  Lease,
  ModelResolver,
  ModelSelector,
  Prediction,
  PredictOptions,
  Predictor,
  PredictorEvent,
  PredictorInfo,
  PredictorStats,
  RawInputs,
  Tensors,
} from "../types/index.ts";

type Resolver = Required<ModelResolver>;

/** What can be told of a version without asking it for anything. */
type Known = Pick<AnyPredictor, "info" | "definition"> & { readonly stats: PredictorStats };

/** A predictor that takes a lease for each call, and so follows what a registry does with a model. */
export class Following implements Predictor<unknown, unknown> {
  readonly #registry: Resolver;
  readonly #name: string;
  readonly #selector: ModelSelector;
  readonly #listening = new Set<() => void>();
  readonly #ended = new Emitter();
  #last: Known | undefined;
  #active = 0;
  #closing: Promise<void> | undefined;
  #drained: (() => void) | undefined;

  constructor(registry: Resolver, name: string, selector: ModelSelector) {
    this.#registry = registry;
    this.#name = name;
    this.#selector = selector;
  }

  get definition(): Definition<unknown, unknown> | undefined {
    return this.#known.definition;
  }

  /** Of the version that answers by default; where none does now, of the last that did, as closed. */
  get info(): PredictorInfo {
    const { info } = this.#known;
    if (this.#closing === undefined) return info;
    return { ...info, state: this.#active > 0 ? "draining" : "closed" };
  }

  predict(input: unknown, options?: PredictOptions): Promise<unknown> {
    return this.#call(options, (predictor, rest) => predictor.predict(input, rest));
  }

  predictMany(inputs: readonly unknown[], options?: PredictOptions): Promise<PromiseSettledResult<unknown>[]> {
    return this.#call(options, (predictor, rest) => predictor.predictMany(inputs, rest));
  }

  predictDetailed(input: unknown, options?: PredictOptions): Promise<Prediction<unknown>> {
    return this.#call(options, (predictor, rest) => predictor.predictDetailed(input, rest));
  }

  predictEncoded(tensors: RawInputs, options?: PredictOptions): Promise<Prediction<unknown>> {
    return this.#call(options, (predictor, rest) => predictor.predictEncoded(tensors, rest));
  }

  run(tensors: RawInputs, options?: PredictOptions): Promise<Tensors> {
    return this.#call(options, (predictor, rest) => predictor.run(tensors, rest));
  }

  /** Of the version that answers by default. */
  stats(): PredictorStats {
    return this.#known.stats;
  }

  /** Of every version of the model that is open, now and later. Their ends are not its own: that one is heard when it is closed itself. */
  on(type: string, listener: (event: never) => void): () => void {
    const heard = new Map<AnyPredictor, () => void>();
    const hear = listener as (event: PredictorEvent) => void;
    const ignoreEnd = this.#ended.on(type, hear);
    const follow = (): void => {
      for (const { name, predictor } of this.#registry.list()) {
        if (name !== this.#name || heard.has(predictor)) continue;
        const ignore = predictor.on(type as "*", (event) => {
          if (event.type !== "predictor-closed") hear(event);
        });
        // What leaves the list finishes its work first, and is heard until then.
        const ignoreClose = predictor.on("predictor-closed", () => heard.delete(predictor));
        heard.set(predictor, () => {
          ignore();
          ignoreClose();
        });
      }
    };
    const stopFollowing = this.#registry.onChange(follow);
    const stop = (): void => {
      this.#listening.delete(stop);
      stopFollowing();
      ignoreEnd();
      for (const ignore of heard.values()) ignore();
    };
    follow();
    this.#listening.add(stop);
    return stop;
  }

  async warmup(): Promise<void> {
    await this.#call(undefined, (predictor) => predictor.warmup());
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Whoever holds a predictor may look at it at any time, also while no version is READY. As data, so that nothing keeps a closed version in memory.
   *
   * @throws What `resolve` throws, where none was ever seen
   */
  get #known(): Known {
    let current: AnyPredictor;
    try {
      current = this.#registry.resolve(this.#name, this.#selector);
    } catch (error) {
      if (this.#last === undefined) throw error;
      return { ...this.#last, info: { ...this.#last.info, state: "closed" } };
    }
    this.#last = { info: current.info, definition: current.definition, stats: current.stats() };
    return this.#last;
  }

  #call<Result>(
    options: PredictOptions | undefined,
    work: (predictor: AnyPredictor, rest: PredictOptions | undefined) => Promise<Result>,
  ): Promise<Result> {
    let lease: Lease;
    let answer: Promise<Result>;
    try {
      if (this.#closing !== undefined) throw new LifecycleError("CLOSED", `this predictor of model "${this.#name}" is closed`);
      lease = this.#registry.lease(this.#name, this.#selectorOf(options));
    } catch (error) {
      return Promise.reject(error);
    }
    this.#active++;
    const done = (): void => {
      lease.release();
      this.#active--;
      if (this.#active === 0) this.#drained?.();
    };
    try {
      answer = work(lease.predictor, restOf(options));
    } catch (error) {
      done();
      return Promise.reject(error);
    }
    answer.then(done, done);
    return answer;
  }

  #selectorOf(options: PredictOptions | undefined): ModelSelector {
    const own = this.#selector;
    if (options === undefined) return own;
    const { version, label, routingKey = own.routingKey } = options;
    // Asking for a label of another version than this predictor's own is MODEL_NOT_FOUND, as everywhere.
    return { version: version ?? own.version, label: label ?? own.label, routingKey };
  }

  async #close(): Promise<void> {
    if (this.#active > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    this.#ended.emit({ type: "predictor-closed" });
    for (const stop of [...this.#listening]) stop();
  }
}

/** What is left to say to the version that was found. */
function restOf(options: PredictOptions | undefined): PredictOptions | undefined {
  if (options?.version === undefined && options?.label === undefined) return options;
  return { ...options, version: undefined, label: undefined };
}
