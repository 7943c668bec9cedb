import type { Clock, Prediction } from "@predikt/core";
import { callModel } from "./call-model.ts";
import { loopError, mostOwnInputs } from "./input-key.ts";
import type { ModelHandle } from "./model-pool.ts";
import { sameParts } from "./stable-key.ts";
import { aborted, later, noop } from "./until.ts";

/** A prediction that components wait for. */
export interface SuspenseEntry<Output = unknown> {
  /** The same promise on every render, as React wants it. */
  readonly promise: Promise<Prediction<Output>>;
  /** How the promise ended, where it has. */
  ended?: { readonly prediction: Prediction<Output> } | { readonly error: unknown };
  readonly controller: AbortController;
  /** Takes it out of the cache. */
  readonly drop: () => void;
  users: number;
  timer?: unknown;
}

/** What is known of one model's inputs. */
interface Inputs {
  readonly entries: Map<unknown, SuspenseEntry>;
  /** Entries made one after another, of which no component has come to show one. */
  unshown: number;
  newest?: SuspenseEntry;
  newestKey?: unknown;
}

/** A failure is told again for this long, so that React may render it more than once; who renders later tries anew. */
const errorKeptMs = 1000;
/** A prediction without users is kept no longer, however long models are. */
const longestKeptMs = 300_000;

/**
 * Predictions by model and input. A component that suspends while it mounts has no state that would outlive the wait, so its prediction lives here. No
 * React in it.
 */
export class SuspenseCache {
  readonly #clock: Clock;
  readonly #gcTimeMs: () => number;
  readonly #models = new Map<string, Inputs>();

  constructor(clock: Clock, gcTimeMs: () => number) {
    this.#clock = clock;
    this.#gcTimeMs = gcTimeMs;
  }

  /**
   * The prediction of an input, started unless it is there.
   *
   * @param key What the input is compared by.
   * @throws ConfigError CONFIG_INVALID where one after another was started and none shown
   */
  entry<Input, Output>(model: ModelHandle<Input, Output>, input: Input, key: unknown): SuspenseEntry<Output> {
    const inputs: Inputs = this.#models.get(model.key) ?? { entries: new Map(), unshown: 0 };
    this.#models.set(model.key, inputs);
    // A component that mounts renders again once its answer is there, with the same literal made anew.
    const again = sameParts(inputs.newestKey, key) ? inputs.newestKey : key;
    const found = inputs.entries.get(again);
    if (found !== undefined) return found as SuspenseEntry<Output>;
    // Many components may suspend at once; only one that does so again each time its answer is there will never end.
    if (inputs.newest?.ended !== undefined && ++inputs.unshown > mostOwnInputs) {
      inputs.unshown = 0;
      throw loopError();
    }
    const { entries } = inputs;
    const entry = this.#start(model, input, () => {
      if (entries.get(key) === entry) entries.delete(key);
    });
    inputs.newest = entry as SuspenseEntry;
    inputs.newestKey = key;
    entries.set(key, entry as SuspenseEntry);
    return entry;
  }

  /** A component shows this prediction, until the returned function is called. */
  hold({ key }: Pick<ModelHandle, "key">, entry: SuspenseEntry): () => void {
    const inputs = this.#models.get(key);
    if (inputs !== undefined) inputs.unshown = 0;
    entry.users++;
    this.#clock.clear(entry.timer);
    return () => {
      entry.users--;
      this.#expire(entry, this.#keptMs);
    };
  }

  /** Forgets everything. What is under way ends with its model. */
  clear(): void {
    this.#models.clear();
  }

  get #keptMs(): number {
    return Math.min(this.#gcTimeMs(), longestKeptMs);
  }

  #start<Input, Output>(model: ModelHandle<Input, Output>, input: Input, drop: () => void): SuspenseEntry<Output> {
    const controller = new AbortController();
    const promise = callModel(model, input, { signal: controller.signal });
    const entry: SuspenseEntry<Output> = { promise, controller, users: 0, drop };
    promise.then(
      (prediction) => {
        entry.ended = { prediction };
      },
      (error: unknown) => {
        entry.ended = { error };
        this.#expire(entry, errorKeptMs);
      },
    );
    promise.catch(noop);
    this.#expire(entry, this.#keptMs);
    return entry;
  }

  #expire(entry: Pick<SuspenseEntry, "users" | "timer" | "controller" | "drop">, ms: number): void {
    this.#clock.clear(entry.timer);
    if (entry.users > 0) return;
    entry.timer = later(this.#clock, ms, () => {
      entry.controller.abort(aborted("the prediction was cancelled"));
      entry.drop();
    });
  }
}
