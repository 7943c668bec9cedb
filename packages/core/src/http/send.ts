import { ConfigError, isPrediktError, type PrediktError, RemoteError } from "../errors/index.ts";
import { readStream } from "../serving/wire/index.ts";
import type { AbortLike } from "../types/index.ts";
import type { HttpLink } from "./link.ts";

/** One HTTP request. */
export interface Outgoing {
  readonly method: "GET" | "POST";
  /** Below the link's URL. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
}

/** A reply that came whole, whatever its status. */
export interface Incoming {
  readonly status: number;
  /** Whether a redirection was followed. */
  readonly redirected: boolean;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** No reply, or a part of one. */
export interface Unanswered {
  readonly error: PrediktError;
  /** Whether the reply had begun. */
  readonly begun: boolean;
}

/**
 * Makes one request and reads its reply.
 *
 * @param caller What a header function is told of whose request it is.
 * @throws ConfigError CONFIG_INVALID for headers that are none or a URL that leads nowhere, or the header function's own error. Every other failure is returned.
 */
export async function send(
  link: HttpLink,
  { method, path, headers, body }: Outgoing,
  signal: AbortSignal | undefined,
  caller?: AbortLike,
): Promise<Incoming | Unanswered> {
  if (link.homeless) throw new ConfigError("url", "an absolute URL here, outside a browser", "a relative one");
  const own = typeof link.headers === "function" ? await link.headers({ caller }) : link.headers;
  const all = joinHeaders(headers, own);
  let begun = false;
  try {
    const init: RequestInit = {
      method,
      headers: all,
      ...(body === undefined ? {} : { body: body as string | Uint8Array<ArrayBuffer> }),
      ...(signal === undefined ? {} : { signal }),
    };
    // Following makes a GET of a POST that meets 301, 302 or 303: only what keeps the method is followed. Browsers do not tell which it is.
    let response = await link.fetch(link.url + path, method === "GET" ? init : { ...init, redirect: "manual" });
    if (response.status === 307 || response.status === 308 || response.type === "opaqueredirect") {
      await response.body?.cancel();
      response = await link.fetch(link.url + path, init);
    }
    begun = true;
    const bytes = await readStream(response.body, link.maxReplyBytes, () =>
      protocolError(`a reply of at most ${link.maxReplyBytes} bytes`, "more"),
    );
    return { status: response.status, redirected: response.redirected, headers: response.headers, body: bytes };
  } catch (cause) {
    if (isPrediktError(cause)) return { error: cause, begun };
    const what = begun ? `the reply of ${link.url} broke off` : `no answer from ${link.url}`;
    const details = { endpoint: link.url };
    return { error: new RemoteError("REMOTE_UNREACHABLE", `${what}: ${reason(cause)}`, { cause, details }), begun };
  }
}

/** Whether a reply's status is a success. */
export function isOk({ status }: Incoming): boolean {
  return status >= 200 && status < 300;
}

/** Whether a request lost its body to a redirection: one that was not followed, or was as a browser does it, asking with GET. */
export function losesBody({ status, redirected }: Incoming, method: Outgoing["method"]): boolean {
  return (status >= 300 && status < 400) || (redirected && method === "POST" && status === 405);
}

/** A reply's JSON. @throws RemoteError REMOTE_PROTOCOL */
export function parseReply({ body }: Pick<Incoming, "body">): unknown {
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

/** undici says only "fetch failed" and keeps why in the cause. */
function reason(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "unknown reason";
  return thrown.cause instanceof Error && thrown.cause.message !== "" ? thrown.cause.message : thrown.message;
}
