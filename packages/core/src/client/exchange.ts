import { ConfigError, isPrediktError, type PrediktError, RemoteError } from "../errors/index.ts";
import { fromErrorBody, isErrorBody, readStream } from "../serving/wire/index.ts";
import type { Link } from "./options.ts";

/** One HTTP request. */
export interface Outgoing {
  readonly method: "GET" | "POST";
  /** Below the link's URL. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
}

/** A reply with a 2xx status. */
export interface Incoming {
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** An error, and how long the server asks to wait before another attempt. */
export interface Refusal {
  readonly error: PrediktError;
  readonly retryAfterMs: number;
}

/**
 * Makes one request and reads its reply.
 *
 * @throws ConfigError CONFIG_INVALID for headers that are none or a URL that leads nowhere, or the header function's own error. Every other failure is returned.
 */
export async function exchange(
  link: Link,
  { method, path, headers, body }: Outgoing,
  signal: AbortSignal | undefined,
): Promise<Incoming | Refusal> {
  if (link.homeless) throw new ConfigError("url", "an absolute URL here, outside a browser", "a relative one");
  const own = typeof link.headers === "function" ? await link.headers() : link.headers;
  const all = joinHeaders(headers, own);
  let response: Response;
  let bytes: Uint8Array;
  try {
    const init: RequestInit = {
      method,
      headers: all,
      ...(body === undefined ? {} : { body: body as string | Uint8Array<ArrayBuffer> }),
      ...(signal === undefined ? {} : { signal }),
    };
    // Following makes a GET of a POST that meets 301, 302 or 303: only what keeps the method is followed. Browsers do not tell which it is.
    response = await link.fetch(link.url + path, method === "GET" ? init : { ...init, redirect: "manual" });
    if (response.status === 307 || response.status === 308 || response.type === "opaqueredirect") {
      await response.body?.cancel();
      response = await link.fetch(link.url + path, init);
    }
    bytes = await readStream(response.body, link.maxReplyBytes, () =>
      protocolError(`a reply of at most ${link.maxReplyBytes} bytes`, "more"),
    );
  } catch (cause) {
    if (isPrediktError(cause)) return { error: cause, retryAfterMs: 0 };
    return { error: new RemoteError("REMOTE_UNREACHABLE", `no answer from ${link.url}: ${reason(cause)}`, { cause }), retryAfterMs: 0 };
  }
  if (response.ok) return { headers: response.headers, body: bytes };
  const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"), Date.now());
  return { error: statusError(link, response, method, bytes), retryAfterMs };
}

/** The caller's own headers win over ours, however they are spelt. */
function joinHeaders(ours: Readonly<Record<string, string>>, own: Readonly<Record<string, string>>): Headers {
  const all = new Headers(ours);
  try {
    for (const [name, value] of Object.entries(own)) all.set(name, value);
  } catch {
    throw new ConfigError("headers", "names and values that HTTP can carry", "others");
  }
  return all;
}

/** Whether an exchange failed. */
export function isRefusal(result: Incoming | Refusal): result is Refusal {
  return "error" in result;
}

/** A reply's JSON. @throws RemoteError REMOTE_PROTOCOL */
export function parseReply({ body }: Incoming): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw protocolError("JSON", "something else", cause);
  }
}

/** A reply that is not what the protocol promises. */
export function protocolError(expected: string, received: string, cause?: unknown): RemoteError {
  return new RemoteError(
    "REMOTE_PROTOCOL",
    `the server's reply: expected ${expected}, got ${received}`,
    cause === undefined ? {} : { cause },
  );
}

/** Milliseconds to wait by a Retry-After header: seconds or an HTTP date (RFC 9110, section 10.2.3). 0 where there is none. */
export function parseRetryAfter(value: string | null, now: number): number {
  if (value === null) return 0;
  const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}

function statusError(link: Link, { status, redirected }: Response, method: string, bytes: Uint8Array): PrediktError {
  // A redirection that was followed, or not: the first as a browser does it, asking with GET.
  if ((status >= 300 && status < 400) || (redirected && method === "POST" && status === 405)) {
    const message = `${link.url} redirects in a way that loses the request's body; use the URL that it leads to`;
    return new RemoteError("REMOTE_STATUS", message, { details: { status } });
  }
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // A proxy's own page, most likely.
  }
  if (isErrorBody(body)) return fromErrorBody(body, status);
  return new RemoteError("REMOTE_STATUS", `${link.url} answered with status ${status}`, { details: { status } });
}

/** undici says only "fetch failed" and keeps why in the cause. */
function reason(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "unknown reason";
  return thrown.cause instanceof Error && thrown.cause.message !== "" ? thrown.cause.message : thrown.message;
}
