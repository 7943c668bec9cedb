import { atLeast, type HttpLink, type HttpOptions, toHttpLink } from "../http/link.ts";
import { systemClock } from "../predictor/clock.ts";
import type { Clock } from "../types/index.ts";

/** How calls of one tick are joined. */
export interface HttpBatchOptions {
  /** Default: true. */
  readonly enabled?: boolean | undefined;
  /** Items of one `/batch` request. At least 1; the server's own limit is 1024. Default: 64. */
  readonly maxItems?: number | undefined;
  /** Characters of one `/batch` request's JSON; the server takes 4 MiB. At least 1. Default: 2 Mi. */
  readonly maxChars?: number | undefined;
}

/** Options of `httpPredictor`. */
export interface HttpPredictorOptions extends HttpOptions {
  /** Further attempts after a failure that may pass: no connection, 429, 502 or 503. At least 0. Default: 2. */
  readonly retries?: number | undefined;
  /** The first wait is random between 0 and this many milliseconds; each further one may be twice as long. Retry-After is a minimum. Default: 100. */
  readonly retryDelayMs?: number | undefined;
  /** A wait longer than this many milliseconds is not made: the call fails at once. Default: 10,000. */
  readonly maxRetryDelayMs?: number | undefined;
  readonly batch?: HttpBatchOptions | undefined;
  /**
   * Parse answers with the definition's output schema, which also makes typed arrays of lists again. Turn it off for a schema with a transform
   * that cannot be applied twice: the server has applied it already. Default: true.
   */
  readonly validateOutput?: boolean | undefined;
  /** `timeoutMs` of calls that name none. Default: none. */
  readonly timeoutMs?: number | undefined;
  /** Time and timers. Default: the platform's. */
  readonly clock?: Clock | undefined;
}

/** Where requests go, how, and how often. */
export interface Link extends HttpLink {
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly maxRetryDelayMs: number;
  readonly clock: Clock;
}

/** Limits on joining, filled in. */
export type BatchLimits = { readonly [K in keyof HttpBatchOptions]-?: NonNullable<HttpBatchOptions[K]> };

/** Fills in and checks what the link needs. @throws ConfigError CONFIG_INVALID */
export function toLink(url: string | URL, options: HttpPredictorOptions): Link {
  return {
    ...toHttpLink(url, options),
    retries: atLeast("retries", options.retries ?? 2, 0),
    retryDelayMs: atLeast("retryDelayMs", options.retryDelayMs ?? 100, 0),
    maxRetryDelayMs: atLeast("maxRetryDelayMs", options.maxRetryDelayMs ?? 10_000, 0),
    clock: options.clock ?? systemClock,
  };
}

/** Fills in and checks the limits on joining. @throws ConfigError CONFIG_INVALID */
export function toBatchLimits({ enabled = true, maxItems = 64, maxChars = 2 * 2 ** 20 }: HttpBatchOptions = {}): BatchLimits {
  return { enabled, maxItems: atLeast("batch.maxItems", maxItems, 1), maxChars: atLeast("batch.maxChars", maxChars, 1) };
}
