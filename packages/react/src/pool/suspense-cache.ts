import type { Clock, Prediction } from "@predikt/core";
import { callModel } from "./call-model.ts";
import { loopError } from "./input-key.ts";
import type { ModelHandle } from "./model-pool.ts";
import { sameParts } from "./stable-key.ts";
import { aborted, later } from "./until.ts";

/** A promise that tells how it ended, in the words that React reads. */
export interface ToldPromise<T> extends Promise<T> {
  status?: "pending" | "fulfilled" | "rejected";
  value?: T;
  reason?: unknown;
}

/** A prediction that components wait for. */
export interface SuspenseEntry<Output = unknown> {
  readonly model: string;
  /** What its input is compared by. */
  readonly key: unknown;
  /** The same promise on every render, as React wants it. */
  readonly promise: ToldPromise<Prediction<Output>>;
  readonly controller: AbortController;
  users: number;
  timer?: unknown;
}

/** After so many it is taken for an endless loop. React 18 makes one in half a second. */
const mostUnshown = 10;
/** A failure is told again for this long, so that React may render it more than once; who renders later tries anew. */
const errorKeptMs = 1000;
/** A prediction without users is kept for this long. A component that suspends is none. */
const answerKeptMs = 300_000;

/**
 * Predictions by model and input. A component that suspends while it mounts has no state that would outlive the wait, so its prediction lives here: React
 * renders it again with the same literal made anew, which must be known again. No React in it.
 */
export class SuspenseCache {
  readonly #clock: Clock;
  #entries: SuspenseEntry<never>[] = [];
  /** Entries made one after another, of which no component has come to show one. */
  #unshown = 0;
  /** Whether there was an answer since the last of them was made. */
  #answered = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The prediction of an input, started unless it is there.
   *
   * @param key What the input is compared by.
   * @throws ConfigError CONFIG_INVALID where one after another was started and none shown
   */
  entry<Input, Output>(model: ModelHandle<Input, Output>, input: Input, key: unknown): SuspenseEntry<Output> {
    const found = this.#entries.find((entry) => entry.model === model.key && sameParts(entry.key, key));
    if (found !== undefined) return found as unknown as SuspenseEntry<Output>;
    // Many components may suspend at once; only one that does so again each time its answer is there will never end.
    if (this.#answered) this.#unshown++;
    this.#answered = false;
    if (this.#unshown > mostUnshown) {
      later(this.#clock, errorKeptMs, () => {
        this.#unshown = 0;
      });
      throw loopError(mostUnshown);
    }
    const controller = new AbortController();
    const promise: ToldPromise<Prediction<Output>> = callModel(model, input, {}, { controller });
    const entry: SuspenseEntry<Output> = { model: model.key, key, promise, controller, users: 0 };
    promise
      .then((value) => {
        Object.assign(promise, { status: "fulfilled", value });
        this.#answered = true;
      })
      .catch((reason: unknown) => {
        Object.assign(promise, { status: "rejected", reason });
        this.#expire(entry, errorKeptMs);
      });
    this.#entries.push(entry as unknown as SuspenseEntry<never>);
    this.#expire(entry, answerKeptMs);
    return entry;
  }

  /** A component shows this prediction, until the returned function is called. */
  hold(entry: SuspenseEntry): () => void {
    this.#unshown = 0;
    entry.users++;
    this.#clock.clear(entry.timer);
    return () => {
      entry.users--;
      this.#expire(entry, answerKeptMs);
    };
  }

  /** Forgets everything. What is under way ends with its model. */
  clear(): void {
    this.#entries = [];
  }

  #expire(entry: Pick<SuspenseEntry, "users" | "timer" | "controller">, keptMs: number): void {
    this.#clock.clear(entry.timer);
    if (entry.users > 0) return;
    entry.timer = later(this.#clock, keptMs, () => {
      entry.controller.abort(aborted("cancelled"));
      this.#entries = this.#entries.filter((other) => other.controller !== entry.controller);
    });
  }
}
