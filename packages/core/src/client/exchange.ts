import { type PrediktError, RemoteError } from "../errors/index.ts";
import { parseRetryAfter } from "../http/retry.ts";
import { type Incoming, isOk, losesBody, type Outgoing, send } from "../http/send.ts";
import { fromErrorBody, isErrorBody } from "../serving/wire/index.ts";
import type { Link } from "./options.ts";

/** An error, and how long the server asks to wait before another attempt. */
export interface Refusal {
  readonly error: PrediktError;
  readonly retryAfterMs: number;
}

/**
 * Makes one request and reads its reply, whose status is a success.
 *
 * @throws ConfigError CONFIG_INVALID for headers that are none or a URL that leads nowhere, or the header function's own error. Every other failure is returned.
 */
export async function exchange(link: Link, outgoing: Outgoing, signal: AbortSignal | undefined): Promise<Incoming | Refusal> {
  const reply = await send(link, outgoing, signal);
  if ("error" in reply) return { error: reply.error, retryAfterMs: 0 };
  if (isOk(reply)) return reply;
  const retryAfterMs = parseRetryAfter(reply.headers.get("retry-after"), Date.now());
  return { error: statusError(link, reply, outgoing.method), retryAfterMs };
}

/** Whether an exchange failed. */
export function isRefusal(result: Incoming | Refusal): result is Refusal {
  return "error" in result;
}

function statusError(link: Link, reply: Incoming, method: Outgoing["method"]): PrediktError {
  const { status } = reply;
  if (losesBody(reply, method)) {
    const message = `${link.url} redirects in a way that loses the request's body; use the URL that it leads to`;
    return new RemoteError("REMOTE_STATUS", message, { details: { status } });
  }
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(reply.body));
  } catch {
    // A proxy's own page, most likely.
  }
  if (isErrorBody(body)) return fromErrorBody(body, status);
  return new RemoteError("REMOTE_STATUS", `${link.url} answered with status ${status}`, { details: { status } });
}
