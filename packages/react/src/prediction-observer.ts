import type { PredictOptions, Predictor, Timings } from "@predikt/core";
import { sameInput } from "./same-input.ts";

/** A prediction as state. `data`, `device` and `timings` are those of the last success, kept while the next one is under way. */
export interface PredictionState<Output> {
  /** `idle` until the first call; `pending` while the model loads or runs. */
  readonly status: "idle" | "pending" | "success" | "error";
  readonly data: Output | undefined;
  /** What the last call failed with: a PrediktError, or the caller's own abort reason. */
  readonly error: unknown;
  readonly device: string | undefined;
  readonly timings: Timings | undefined;
}

/** The state before the first call. */
export const idle: PredictionState<never> = { status: "idle", data: undefined, error: undefined, device: undefined, timings: undefined };

/** Turns calls of one predictor into one state, in which only the newest call counts. No React in it. */
export class PredictionObserver<Input, Output> {
  readonly #load: () => Promise<Predictor<Input, Output>>;
  readonly #listeners = new Set<() => void>();
  #state: PredictionState<Output> = idle;
  #current: AbortController | undefined;
  #watched: { readonly input: Input } | undefined;

  /** @param load Gives the predictor; called for each prediction. */
  constructor(load: () => Promise<Predictor<Input, Output>>) {
    this.#load = load;
  }

  readonly getState = (): PredictionState<Output> => this.#state;

  /** Calls the listener after each change. When the last listener has gone, the call under way is aborted. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  };

  /**
   * Predicts, and shows it as state. The call before it, if still under way, is aborted: its promise rejects with an AbortError.
   *
   * @throws What `predictor.predict` rejects with, or what loading the model failed with.
   */
  readonly predict = async (input: Input, options: PredictOptions = {}): Promise<Output> => {
    this.#abort("a newer prediction took its place");
    const controller = new AbortController();
    this.#current = controller;
    const { signal } = controller;
    const forward = (): void => controller.abort(options.signal?.reason);
    options.signal?.addEventListener("abort", forward);
    if (options.signal?.aborted === true) forward();
    this.#set({ ...this.#state, status: "pending", error: undefined });
    try {
      const predictor = await unlessAborted(this.#load(), signal);
      const { output, device, timings } = await predictor.predictDetailed(input, { ...options, signal });
      if (this.#current === controller) this.#set({ status: "success", data: output, error: undefined, device, timings });
      return output;
    } catch (error) {
      if (this.#current === controller) this.#set({ ...this.#state, status: "error", error });
      throw error;
    } finally {
      options.signal?.removeEventListener("abort", forward);
      if (this.#current === controller) this.#current = undefined;
    }
  };

  /** Predicts this input unless it is the one that was watched last; failures show in the state only. */
  watch(input: Input): void {
    if (this.#watched !== undefined && sameInput(this.#watched.input, input)) return;
    this.#watched = { input };
    this.predict(input).catch(() => undefined);
  }

  #stop(): void {
    this.#watched = undefined;
    if (this.#current === undefined) return;
    this.#abort("nobody watches this prediction any more");
    this.#state = { ...this.#state, status: this.#state.data === undefined ? "idle" : "success" };
  }

  #abort(why: string): void {
    const current = this.#current;
    this.#current = undefined;
    current?.abort(new DOMException(why, "AbortError"));
  }

  #set(state: PredictionState<Output>): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** The promise's result, or a rejection with the signal's reason as soon as it aborts. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
