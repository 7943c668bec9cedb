import { isPrediktError } from "../errors/index.ts";
import type { Clock, Prediction, PredictOptions, RawInputs, Tensors } from "../types/index.ts";
import { failed, untimed } from "./call-window.ts";
import { Forwarding } from "./forwarding.ts";
import type { Instance } from "./instance.ts";
import { type CallName, callOf, outputOf, type Ticket } from "./shadow-queue.ts";

/** Who hears what becomes of each call. */
export interface Watcher {
  readonly clock: Clock;
  started(): void;
  /** @param took Milliseconds, `failed` or `untimed`; undefined for a call that its caller gave up. */
  settled(instance: Instance, took: number | undefined): void;
  ended(): void;
  /** A ticket where the shadow shall see a call. */
  admit(instance: Instance): Ticket | undefined;
}

/** A version whose calls are counted and timed, and seen by the shadow where `mirrored`. */
export class Watched extends Forwarding {
  readonly #instance: Instance;
  readonly #watcher: Watcher;
  readonly #mirrored: boolean;

  constructor(instance: Instance, watcher: Watcher, mirrored: boolean) {
    super(instance.predictor);
    this.#instance = instance;
    this.#watcher = watcher;
    this.#mirrored = mirrored;
  }

  override predict(input: unknown, options?: PredictOptions): Promise<unknown> {
    return this.#watch("predict", input, options);
  }

  override predictDetailed(input: unknown, options?: PredictOptions): Promise<Prediction<unknown>> {
    return this.#watch("predictDetailed", input, options) as Promise<Prediction<unknown>>;
  }

  override predictEncoded(tensors: RawInputs, options?: PredictOptions): Promise<Prediction<unknown>> {
    return this.#watch("predictEncoded", tensors, options) as Promise<Prediction<unknown>>;
  }

  override run(tensors: RawInputs, options?: PredictOptions): Promise<Tensors> {
    return this.#watch("run", tensors, options) as Promise<Tensors>;
  }

  override predictMany(inputs: readonly unknown[], options?: PredictOptions): Promise<PromiseSettledResult<unknown>[]> {
    const watcher = this.#watcher;
    const tickets = inputs.map(() => this.#admit());
    watcher.started();
    const answers = attempt(() => this.inner.predictMany(inputs, tickets.some(Boolean) ? untouched(options) : options));
    for (const [i, ticket] of tickets.entries()) ticket?.keep("predict", inputs[i]);
    const each = (settled: readonly PromiseSettledResult<unknown>[]): void => {
      for (const [i, item] of settled.entries()) {
        const ok = item.status === "fulfilled";
        watcher.settled(this.#instance, ok ? untimed : outcomeOf(item.reason, options));
        if (ok) tickets[i]?.answered(this.#instance, item.value, undefined);
        else tickets[i]?.cancel();
      }
      watcher.ended();
    };
    answers.then(each, (reason: unknown) => each(inputs.map(() => ({ status: "rejected", reason }))));
    return answers;
  }

  #watch(call: CallName, input: unknown, options: PredictOptions | undefined): Promise<unknown> {
    const watcher = this.#watcher;
    const instance = this.#instance;
    const ticket = this.#admit();
    const startedAt = watcher.clock.now();
    watcher.started();
    const answer = attempt(() => callOf(this.inner, call, input, ticket === undefined ? options : untouched(options)));
    // The call has begun: what the copy takes does not hold it up where the model runs elsewhere.
    ticket?.keep(call, input);
    answer.then(
      (value) => {
        const took = watcher.clock.now() - startedAt;
        watcher.settled(instance, took);
        ticket?.answered(instance, outputOf(call, value), took);
        watcher.ended();
      },
      (error: unknown) => {
        watcher.settled(instance, outcomeOf(error, options));
        ticket?.cancel();
        watcher.ended();
      },
    );
    return answer;
  }

  #admit(): Ticket | undefined {
    return this.#mirrored ? this.#watcher.admit(this.#instance) : undefined;
  }
}

/** Inputs that are handed over would be gone when the shadow comes. */
function untouched(options: PredictOptions | undefined): PredictOptions | undefined {
  return options?.transfer ? { ...options, transfer: false } : options;
}

/** Whether the version is to blame. Wrong inputs are the caller's, and so is a call that it aborted; a full queue is the version's. */
function outcomeOf(error: unknown, options: PredictOptions | undefined): number | undefined {
  if (options?.signal?.aborted && error === options.signal.reason) return undefined;
  return isPrediktError(error) && error.status < 500 && error.status !== 429 ? untimed : failed;
}

function attempt<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return call();
  } catch (error) {
    return Promise.reject(error);
  }
}
