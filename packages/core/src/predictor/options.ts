import { ConfigError } from "../errors/index.ts";
import { checkName } from "../model/check-name.ts";
import { describe } from "../tensor/index.ts";
import type { AbortLike, Backend, BatchingInfo, Clock, OpenRequest, PredictorEvent, RawInputs } from "../types/index.ts";

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

/** Options of `createPredictor`: the common ones, a backend, and that backend's own, which may say otherwise what a common one is. */
export type PredictorOptions<BackendOptions extends object = object> = Omit<CommonOptions, keyof BackendOptions> &
  BackendOptions & {
    readonly backend: Backend<BackendOptions>;
  };

/** Batching as it was asked for. */
export interface BatchingPlan extends BatchingInfo {
  readonly demanded: boolean;
}

/** Reads the batching option. */
export function planBatching(batching: CommonOptions["batching"] = false): BatchingPlan {
  const given = typeof batching === "object" ? batching : {};
  must(
    given !== null && (given === batching || batching === "auto" || typeof batching === "boolean"),
    "batching",
    'a boolean, "auto" or limits',
    batching,
  );
  for (const key in given) must(key in defaults, `batching.${key}`, "maxBatchSize or maxDelayMs", key);
  const { maxBatchSize = defaults.maxBatchSize, maxDelayMs = defaults.maxDelayMs } = given;
  must(Number.isSafeInteger(maxBatchSize) && maxBatchSize > 0, "batching.maxBatchSize", "a whole number ≥ 1", maxBatchSize);
  must(typeof maxDelayMs === "number" && maxDelayMs >= 0, "batching.maxDelayMs", "a number ≥ 0", maxDelayMs);
  const enabled = batching !== false && maxBatchSize > 1;
  return { ...(enabled ? { enabled, maxBatchSize, maxDelayMs } : unbatched), demanded: batching !== "auto" };
}

const defaults = { maxBatchSize: 32, maxDelayMs: 0 };
/** Each job alone. */
export const unbatched: BatchingInfo = { enabled: false, maxBatchSize: 1, maxDelayMs: 0 };

/** Checks the common options that types alone cannot. */
export function checkOptions(options: CommonOptions & { readonly backend?: unknown }): void {
  must(typeof options === "object" && options !== null, "options", "an object", options);
  const { source, nonFinite = "allow", queueLimit = 0, name = "_", version = "_" } = options;
  checkName("name", name);
  checkName("version", version);
  const backend = options.backend as Partial<Backend> | undefined;
  const { open, interfaceVersion, sourceless } = backend ?? {};
  must(typeof open === "function" && interfaceVersion === 1, "backend", "a backend, e.g. nodeBackend()", backend);
  must(source || sourceless, "source", "a path, a URL or bytes", source);
  must(nonFinite === "allow" || nonFinite === "refuse", "nonFinite", '"allow" or "refuse"', nonFinite);
  must(Number.isSafeInteger(queueLimit) && queueLimit >= 0, "queueLimit", "a whole number ≥ 0", queueLimit);
  checkSignal(options.signal);
  checkTimeout("timeoutMs", options.timeoutMs);
}

/** Checks a time limit in milliseconds. */
export function checkTimeout(path: string, timeoutMs: number | undefined): void {
  must(
    timeoutMs === undefined || (typeof timeoutMs === "number" && timeoutMs > 0 && timeoutMs < 2 ** 31),
    path,
    "1 to 2147483647 ms",
    timeoutMs,
  );
}

/** Checks an abort signal. */
export function checkSignal(signal: AbortLike | undefined): void {
  must(signal === undefined || signal?.addEventListener, "signal", "an AbortSignal", signal);
}

function must(right: unknown, path: string, expected: string, value: unknown): void {
  if (!right) throw new ConfigError(path, expected, describe(value));
}
