/** Which jobs run first: every waiting `high` job goes before any `normal` one, and those before `low`. */
export type Priority = "high" | "normal" | "low";

/**
 * The part of an `AbortSignal` that the SDK uses. An `AbortSignal` is one; a server that wants to cancel a request
 * without the cost of an `AbortController` may pass an object of its own.
 */
export interface AbortLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Options of every prediction, the same in Node, in the browser and over HTTP. */
export interface PredictOptions {
  /** Cancels the call: it rejects with `signal.reason` itself, whether queued or running. */
  readonly signal?: AbortLike | undefined;
  /** Milliseconds from the call until it rejects with DEADLINE_EXCEEDED. Default: none. Must be > 0. */
  readonly timeoutMs?: number | undefined;
  /** Default: `"normal"`. */
  readonly priority?: Priority | undefined;
  /** Name of this request in events, logs and replies. Default: a random UUID where one is needed. */
  readonly requestId?: string | undefined;
  /** Ask for this version of the model; MODEL_NOT_FOUND where another one answers. */
  readonly version?: string | undefined;
  /** Ask for the version that carries this label (a registry's). */
  readonly label?: string | undefined;
  /** Keeps one user on one side of a traffic split (a registry's). */
  readonly routingKey?: string | undefined;
  /** Hand the input buffers over instead of having them copied: they must not be touched afterwards, and may be detached. Default: false. */
  readonly transfer?: boolean | undefined;
}
