import { ConfigError } from "../errors/index.ts";
import type { AbortLike } from "../types/index.ts";

/** What a header function may know of its request. */
export interface HeaderCall {
  /** The signal that was given with the call whose request it is, where one was and that can be told: of a batch, its most urgent call's. */
  readonly caller?: AbortLike | undefined;
}

/** Headers to send, or a function that gives them anew for each attempt (a token that expires). */
export type HeaderSource =
  | Readonly<Record<string, string>>
  | ((call: HeaderCall) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>);

/** Options of whatever speaks HTTP to one server. */
export interface HttpOptions {
  readonly headers?: HeaderSource | undefined;
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Bytes that a reply may have. At least 1. Default: 256 MiB. */
  readonly maxReplyBytes?: number | undefined;
}

/** Where requests go and how. */
export interface HttpLink {
  /** Without a trailing slash. */
  readonly url: string;
  /** Whether the URL is relative and there is no page that it could be relative to: found out by the first call, so that a page can be made on a server. */
  readonly homeless: boolean;
  readonly headers: HeaderSource;
  readonly maxReplyBytes: number;
  readonly fetch: typeof globalThis.fetch;
}

/** Fills in and checks what the link needs. @throws ConfigError CONFIG_INVALID */
export function toHttpLink(url: string | URL, options: HttpOptions): HttpLink {
  const text = String(url);
  if (text === "") throw new ConfigError("url", "the URL of a server, e.g. https://app.example.com/api", "an empty one");
  if (/[?#]/.test(text)) throw new ConfigError("url", "a URL without a query or fragment", "one with");
  const fetch = options.fetch ?? globalThis.fetch;
  if (typeof fetch !== "function") throw new ConfigError("fetch", "a function", typeof fetch);
  return {
    url: text.replace(/\/+$/, ""),
    homeless: !/^https?:/i.test(text) && globalThis.location === undefined && options.fetch === undefined,
    headers: options.headers ?? {},
    maxReplyBytes: atLeast("maxReplyBytes", options.maxReplyBytes ?? 256 * 2 ** 20, 1),
    // Called as a method of an options object, the browser's own fetch refuses.
    fetch: (input, init) => fetch(input, init),
  };
}

/** Checks a number's lower bound. @throws ConfigError CONFIG_INVALID */
export function atLeast(path: string, value: number, min: number): number {
  if (!(typeof value === "number" && value >= min))
    throw new ConfigError(path, `a number ≥ ${min}`, typeof value === "number" ? "a smaller one" : typeof value);
  return value;
}
