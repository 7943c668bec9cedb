import { ConfigError } from "../errors/index.ts";
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

/** Headers to send, or a function that gives them anew for each attempt (a token that expires). */
export type HeaderSource =
  | Readonly<Record<string, string>>
  | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>);

/** Options of `httpPredictor`. */
export interface HttpPredictorOptions {
  readonly headers?: HeaderSource | undefined;
  /** Further attempts after a failure that may pass: no connection, 429, 502 or 503. At least 0. Default: 2. */
  readonly retries?: number | undefined;
  /** The first wait is random between 0 and this many milliseconds; each further one may be twice as long. Retry-After is a minimum. Default: 100. */
  readonly retryDelayMs?: number | undefined;
  /** A wait longer than this many milliseconds is not made: the call fails at once. Default: 10,000. */
  readonly maxRetryDelayMs?: number | undefined;
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  readonly batch?: HttpBatchOptions | undefined;
  /**
   * Parse answers with the definition's output schema, which also makes typed arrays of lists again. Turn it off for a schema with a transform
   * that cannot be applied twice: the server has applied it already. Default: true.
   */
  readonly validateOutput?: boolean | undefined;
  /** Bytes that a reply may have. At least 1. Default: 256 MiB. */
  readonly maxReplyBytes?: number | undefined;
  /** `timeoutMs` of calls that name none. Default: none. */
  readonly timeoutMs?: number | undefined;
  /** Time and timers. Default: the platform's. */
  readonly clock?: Clock | undefined;
}

/** Where requests go and how. */
export interface Link {
  /** Without a trailing slash. */
  readonly url: string;
  /** Whether the URL is relative and there is no page that it could be relative to: found out by the first call, so that a page can be made on a server. */
  readonly homeless: boolean;
  readonly headers: HeaderSource;
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly maxRetryDelayMs: number;
  readonly maxReplyBytes: number;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
}

/** Limits on joining, filled in. */
export type BatchLimits = { readonly [K in keyof HttpBatchOptions]-?: NonNullable<HttpBatchOptions[K]> };

/** Fills in and checks what the link needs. @throws ConfigError CONFIG_INVALID */
export function toLink(url: string | URL, options: HttpPredictorOptions): Link {
  const text = String(url);
  if (text === "") throw new ConfigError("url", "the URL of a server, e.g. https://app.example.com/api", "an empty one");
  if (/[?#]/.test(text)) throw new ConfigError("url", "a URL without a query or fragment", "one with");
  const fetch = options.fetch ?? globalThis.fetch;
  if (typeof fetch !== "function") throw new ConfigError("fetch", "a function", typeof fetch);
  return {
    url: text.replace(/\/+$/, ""),
    homeless: !/^https?:/i.test(text) && globalThis.location === undefined && options.fetch === undefined,
    headers: options.headers ?? {},
    retries: atLeast("retries", options.retries ?? 2, 0),
    retryDelayMs: atLeast("retryDelayMs", options.retryDelayMs ?? 100, 0),
    maxRetryDelayMs: atLeast("maxRetryDelayMs", options.maxRetryDelayMs ?? 10_000, 0),
    maxReplyBytes: atLeast("maxReplyBytes", options.maxReplyBytes ?? 256 * 2 ** 20, 1),
    // Called as a method of an options object, the browser's own fetch refuses.
    fetch: (input, init) => fetch(input, init),
    clock: options.clock ?? systemClock,
  };
}

/** Fills in and checks the limits on joining. @throws ConfigError CONFIG_INVALID */
export function toBatchLimits({ enabled = true, maxItems = 64, maxChars = 2 * 2 ** 20 }: HttpBatchOptions = {}): BatchLimits {
  return { enabled, maxItems: atLeast("batch.maxItems", maxItems, 1), maxChars: atLeast("batch.maxChars", maxChars, 1) };
}

function atLeast(path: string, value: number, min: number): number {
  if (!(typeof value === "number" && value >= min))
    throw new ConfigError(path, `a number ≥ ${min}`, typeof value === "number" ? "a smaller one" : typeof value);
  return value;
}
