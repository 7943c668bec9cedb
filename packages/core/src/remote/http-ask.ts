import {
  AccessError,
  BackendError,
  errorTable,
  InputError,
  LifecycleError,
  ModelError,
  OverloadError,
  type PrediktError,
  RemoteError,
} from "../errors/index.ts";
import type { HttpLink } from "../http/link.ts";
import { parseRetryAfter, passingStatuses } from "../http/retry.ts";
import { type Incoming, isOk, losesBody, type Outgoing, send } from "../http/send.ts";
import { fromErrorBody, headers, isErrorBody } from "../serving/wire/index.ts";
import type { Answer, InferCall, TransportCall } from "./transport.ts";

/** Makes one request of a transport over HTTP. A reply whose status is no success is a refusal. */
export async function ask(link: HttpLink, outgoing: Outgoing, call: TransportCall & Partial<InferCall>): Promise<Answer<Incoming>> {
  const reply = await send(link, { ...outgoing, headers: { ...callHeaders(call), ...outgoing.headers } }, call.signal, call.caller);
  if ("error" in reply) {
    const { error, begun } = reply;
    // What is too large, or no reply of a server's at all, is so again.
    const unreachable = error.code === "REMOTE_UNREACHABLE";
    return { error, again: unreachable && !begun, faulty: unreachable, retryAfterMs: 0 };
  }
  if (isOk(reply)) return { value: reply };
  const retryAfterMs = parseRetryAfter(reply.headers.get("retry-after"), Date.now());
  const details = { endpoint: link.url, status: reply.status, ...(retryAfterMs > 0 ? { retryAfterMs } : {}) };
  const error = statusError(details, reply, outgoing);
  const passing = passingStatuses.has(reply.status);
  const full = error.name === "OverloadError";
  const late = error.code === "DEADLINE_EXCEEDED";
  return { error, again: passing && !late, faulty: passing && !full, retryAfterMs };
}

/** What of a call travels in headers that Predikt's own servers read; the others pass them over. */
function callHeaders({ timeoutMs, requestId }: TransportCall & Partial<InferCall>): Record<string, string> {
  const all: Record<string, string> = {};
  if (timeoutMs !== undefined) all[headers.timeoutMs] = String(Math.max(1, Math.ceil(timeoutMs)));
  // Text that no header can carry stays in the body, where the protocol has a place for it.
  if (requestId !== undefined && /^[\x21-\x7e]{1,128}$/.test(requestId)) all[headers.requestId] = requestId;
  return all;
}

/** For the details of an error. */
type Whence = Readonly<{ endpoint: string; status: number; retryAfterMs?: number }>;

function statusError(details: Whence, reply: Incoming, { method, path }: Outgoing): PrediktError {
  const { endpoint, status } = details;
  if (losesBody(reply, method)) {
    const message = `${endpoint} redirects in a way that loses the request's body; use the URL that it leads to`;
    return new RemoteError("REMOTE_STATUS", message, { details });
  }
  const body = parsed(reply.body);
  if (isErrorBody(body) && Object.hasOwn(errorTable, body.code))
    return fromErrorBody({ ...body, details: { ...body.details, endpoint } }, status);
  const text = textOf(body);
  const message = `${endpoint} answered ${method} ${path} with status ${status}${text === "" ? "" : `: ${text}`}`;
  const init = { details };
  switch (status) {
    case 400:
    case 422: {
      // Of a GET, which carries no input, the server has said nothing about one.
      if (method === "GET") break;
      const issue = {
        path: "input",
        expected: "what the server takes",
        received: "something else",
        message: text || "the server refused it",
      };
      return new InputError("INPUT_VALUE", `the server refused the input: ${message}`, { details: { ...details, issues: [issue] } });
    }
    case 401:
      return new AccessError("UNAUTHENTICATED", message, init);
    case 403:
      return new AccessError("FORBIDDEN", message, init);
    case 404:
      return new ModelError("MODEL_NOT_FOUND", message, init);
    case 413:
      return new InputError("INPUT_TOO_LARGE", message, init);
    case 429:
      return new OverloadError("RATE_LIMITED", message, init);
    case 500:
      // A server that says why is one whose runtime failed, and no proxy.
      if (method === "GET" || text === "") break;
      return new BackendError("BACKEND_RUN", message, init);
    case 503:
      return unavailable(text, message, details);
    case 504:
      return new OverloadError("DEADLINE_EXCEEDED", message, init);
  }
  return new RemoteError("REMOTE_STATUS", message, init);
}

/** Triton answers 503 for a full queue and for time that has run out in it, too: only its texts tell. */
function unavailable(text: string, message: string, details: Whence): PrediktError {
  if (/exceeds maximum queue size|queue (is )?full/i.test(text)) return new OverloadError("QUEUE_FULL", message, { details });
  if (/timeout expired|deadline/i.test(text)) return new OverloadError("DEADLINE_EXCEEDED", message, { details });
  return new LifecycleError("NOT_READY", message, { details });
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    // A proxy's own page, or nothing.
    return undefined;
  }
}

/** What servers say of an error: `{"error"}` mostly, `{"detail"}` those made with FastAPI, `[{"error"}]` BentoML. No more of it than a line. */
function textOf(body: unknown): string {
  const first: unknown = Array.isArray(body) ? body[0] : body;
  const { error, detail } = (typeof first === "object" && first !== null ? first : {}) as { error?: unknown; detail?: unknown };
  const text = error ?? detail;
  if (text === undefined) return "";
  const line = (typeof text === "string" ? text : JSON.stringify(text)).replaceAll(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
