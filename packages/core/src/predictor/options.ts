import { ConfigError } from "../errors/index.ts";
import { describe } from "../tensor/index.ts";
import type { AbortLike, Backend, BatchingInfo, OpenRequest, PredictorEvent, RawInputs } from "../types/index.ts";
import type { Clock } from "./clock.ts";

/** How jobs share runs. */
export interface BatchingOptions {
  /** Rows a run may carry. Minimum 1, default 32. */
  readonly maxBatchSize?: number | undefined;
  /**
   * How long, from its arrival, a part-filled batch may wait for company while another run is under way, in milliseconds. An idle session never
   * waits. Minimum 0, default 0.
   */
  readonly maxDelayMs?: number | undefined;
}

/** Options of `createPredictor` that every backend has. */
export interface CommonOptions extends Omit<OpenRequest, "onEvent" | "onCapacity" | "maxBatchSize"> {
  /** Name in `info`, events and URLs. Default: the definition's, else `"model"`. */
  readonly name?: string | undefined;
  /** Version in `info` and replies. Default: the definition's, else `"1"`. */
  readonly version?: string | undefined;
  /**
   * Whether calls made close together share a run. Options or `true` demand it: a model whose rows influence one another is refused with
   * BATCH_UNSAFE. `"auto"` runs such a model unbatched and says so in `info.batching.reason`. Default: `false`.
   */
  readonly batching?: boolean | "auto" | BatchingOptions | undefined;
  /** Jobs that may wait; more are refused with QUEUE_FULL. Minimum 0, default 1024. */
  readonly queueLimit?: number | undefined;
  /** `timeoutMs` of calls that name none. Default: none. */
  readonly timeoutMs?: number | undefined;
  /** Whether to run the example once while loading. Default: true. */
  readonly warmup?: boolean | undefined;
  /** Inputs for warm-up and the batch probe of a model without a definition. Default: made from the signature where its shape is fixed. */
  readonly example?: RawInputs | undefined;
  /** Whether NaN and infinities in float inputs are refused with INPUT_VALUE. Default: `"allow"`. */
  readonly nonFinite?: "allow" | "refuse" | undefined;
  /** Whether a job whose worker died is run once more. Default: false. */
  readonly retryLost?: boolean | undefined;
  /** Hears every event from the first moment of loading. */
  readonly onEvent?: ((event: PredictorEvent) => void) | undefined;
  /** Time and timers. Default: the platform's. */
  readonly clock?: Clock | undefined;
}

/** Options of `createPredictor`: the common ones, a backend, and that backend's own. */
export type PredictorOptions<BackendOptions extends object = object> = CommonOptions &
  BackendOptions & {
    readonly backend: Backend<BackendOptions>;
  };

/** Batching as it was asked for. */
export interface BatchingPlan extends BatchingInfo {
  readonly demanded: boolean;
}

/** Reads the batching option. */
export function planBatching(batching: CommonOptions["batching"]): BatchingPlan {
  if (batching === undefined || batching === false) return { enabled: false, demanded: false, maxBatchSize: 1, maxDelayMs: 0 };
  const given = typeof batching === "object" ? batching : {};
  const maxBatchSize = whole("batching.maxBatchSize", given.maxBatchSize ?? 32, 1);
  const maxDelayMs = atLeast("batching.maxDelayMs", given.maxDelayMs ?? 0, 0);
  return { enabled: maxBatchSize > 1, demanded: batching !== "auto", maxBatchSize, maxDelayMs };
}

/** Checks the common options that types alone cannot. */
export function checkOptions(options: CommonOptions & { readonly backend?: unknown }): void {
  if (typeof options !== "object" || options === null) throw new ConfigError("options", "an object with a source", describe(options));
  const backend = options.backend as Backend | undefined;
  if (typeof backend?.open !== "function") {
    throw new ConfigError("backend", "a backend, e.g. nodeBackend() of @predikt/node", describe(backend));
  }
  if (backend.interfaceVersion !== 1) throw new ConfigError("backend.interfaceVersion", "1", String(backend.interfaceVersion));
  if (options.source === undefined || options.source === "")
    throw new ConfigError("source", "a path, a URL or bytes", describe(options.source));
  whole("queueLimit", options.queueLimit ?? 1024, 0);
  checkTimeout("timeoutMs", options.timeoutMs);
}

/** Checks a time limit in milliseconds. */
export function checkTimeout(path: string, timeoutMs: number | undefined): void {
  if (timeoutMs !== undefined && !(typeof timeoutMs === "number" && timeoutMs > 0 && timeoutMs <= 2 ** 31 - 1)) {
    throw new ConfigError(path, "milliseconds between 1 and 2147483647", describe(timeoutMs));
  }
}

/** Checks an abort signal. */
export function checkSignal(signal: AbortLike | undefined): void {
  if (signal !== undefined && typeof signal?.addEventListener !== "function")
    throw new ConfigError("signal", "an AbortSignal", describe(signal));
}

function whole(path: string, value: number, min: number): number {
  if (!Number.isSafeInteger(value) || value < min) throw new ConfigError(path, `a whole number ≥ ${min}`, describe(value));
  return value;
}

function atLeast(path: string, value: number, min: number): number {
  if (!(typeof value === "number" && value >= min)) throw new ConfigError(path, `a number ≥ ${min}`, describe(value));
  return value;
}
