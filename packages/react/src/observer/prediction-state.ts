import type { LoadProgress, Prediction, PredictOptions, Timings } from "@predikt/core";

/** A prediction as state. `data`, `device`, `timings` and `id` are those of the last success, kept while the next call is under way. */
export interface PredictionState<Output> {
  /** What became of the newest call: `idle` before the first, `pending` while one is under way, else how it ended. */
  readonly status: "idle" | "pending" | "success" | "error";
  /** What is being done now: the call waits for its turn or for `debounceMs`, for the model, or for its answer. */
  readonly fetchStatus: "idle" | "queued" | "loading" | "running";
  readonly data: Output | undefined;
  /** What the newest call failed with: a PrediktError, or the caller's own abort reason. */
  readonly error: unknown;
  /** Whether `data` belongs to an older call than the newest. */
  readonly isStale: boolean;
  /** How far the model's load is, or was when it ended. */
  readonly progress: LoadProgress | undefined;
  /** Which device made `data`; before there is any, the one that the model is loaded on. `remote` is a server. */
  readonly device: string | undefined;
  readonly timings: Timings | undefined;
  /** The request's name in events, logs and replies. */
  readonly id: string | undefined;
}

/** What is done with a prediction's state, beside looking at it. The functions are the same on every render. */
export interface PredictionActions<Input, Output> {
  /**
   * Predicts now, whatever the state, and shows it as state. A rejection that nobody handles goes by in silence: the state tells it.
   *
   * @throws What `predictor.predict` rejects with, what loading the model failed with, QUEUE_FULL in mode `reject` or `queue`, or an AbortError where a newer call,
   * `cancel` or `reset` ended this one, or its component went.
   */
  readonly predict: (input: Input, options?: PredictOptions) => Promise<Output>;
  /** Aborts what is under way or waits; `data` stays. */
  readonly cancel: () => void;
  /** As `cancel`, and forgets `data` and `error`. */
  readonly reset: () => void;
}

/** The state before the first call. */
export const idlePrediction: PredictionState<never> = {
  status: "idle",
  fetchStatus: "idle",
  data: undefined,
  error: undefined,
  isStale: false,
  progress: undefined,
  device: undefined,
  timings: undefined,
  id: undefined,
};

/** How the calls so far ended. */
export interface Outcome<Output> {
  /** The last success. */
  readonly last?: Prediction<Output> | undefined;
  /** What the newest call failed with, where it did. */
  readonly failure?: { readonly error: unknown } | undefined;
  /** Whether the newest call was given up. */
  readonly cancelled?: boolean | undefined;
}
