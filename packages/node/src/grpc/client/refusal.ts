import type { ServiceError } from "@grpc/grpc-js";
import {
  AccessError,
  BackendError,
  InputError,
  LifecycleError,
  ModelError,
  OverloadError,
  type PrediktError,
  RemoteError,
} from "@predikt/core";
import type { Refusal } from "@predikt/core/remote";
import { type ErrorBody, fromErrorBody, isErrorBody } from "@predikt/core/serving";
import { errorKey, pushbackKey, Status } from "../status.ts";

/** A call that failed. */
export interface FailedCall {
  readonly failure: ServiceError;
  readonly endpoint: string;
  readonly method: string;
  /** Whether the call had an input that the server may have refused. */
  readonly carriesInput: boolean;
  /** Whether something of a reply had come. */
  readonly begun: boolean;
}

/** A failed call as a refusal. Predikt's own servers tell the error itself; others their status and a text. */
export function toRefusal(call: FailedCall): Refusal {
  const error = toldError(call) ?? (isLocal(call) ? wireError(call) : statusError(call));
  const { code } = error;
  const passing = error.status === 429 || error.status === 503 || code === "REMOTE_UNREACHABLE";
  const pushback = Number(call.failure.metadata?.get(pushbackKey)[0] ?? 0);
  return {
    error,
    again: passing && code !== "CLOSED" && !(call.begun && isLocal(call)),
    faulty: passing && error.name !== "OverloadError",
    retryAfterMs: Math.max(0, pushback || 0),
  };
}

/** Whether gRPC's library says so, and not the server: a status that came alone has the headers of its reply for metadata. */
function isLocal({ failure: { metadata } }: FailedCall): boolean {
  return Object.keys(metadata?.getMap() ?? {}).length === 0;
}

/** What gRPC's library says of a call to which no server gave a status. */
function wireError({ failure, ...call }: FailedCall): PrediktError {
  const { endpoint, begun } = call;
  const { code } = failure;
  const text = lineOf(failure);
  if (code === Status.DEADLINE_EXCEEDED || (begun && code !== Status.RESOURCE_EXHAUSTED)) return statusError({ failure, ...call });
  if (code === Status.RESOURCE_EXHAUSTED)
    return new RemoteError("REMOTE_PROTOCOL", `${endpoint}: the reply is larger than it may be: ${text}`, { details: { endpoint } });
  return new RemoteError("REMOTE_UNREACHABLE", `${endpoint}: ${text}`, { details: { endpoint } });
}

/** The error that a server of ours sends along. */
function toldError({ failure: { metadata }, endpoint }: FailedCall): PrediktError | undefined {
  const value = metadata?.get(errorKey)[0];
  if (value === undefined) return undefined;
  try {
    const body: unknown = JSON.parse(value.toString());
    return isErrorBody(body) ? fromErrorBody({ ...body, details: { ...(body as ErrorBody).details, endpoint } }) : undefined;
  } catch {
    return undefined;
  }
}

function statusError({ failure, endpoint, method, carriesInput }: FailedCall): PrediktError {
  const { code } = failure;
  const text = lineOf(failure);
  const message = `${endpoint} answered ${method} with gRPC status ${code}${text === "" ? "" : `: ${text}`}`;
  const details = { endpoint, status: code };
  const init = { details };
  switch (code) {
    case Status.INVALID_ARGUMENT:
    case Status.FAILED_PRECONDITION:
    case Status.OUT_OF_RANGE: {
      if (!carriesInput) break;
      const issue = {
        path: "input",
        expected: "what the server takes",
        received: "something else",
        message: text || "the server refused it",
      };
      return new InputError("INPUT_VALUE", `the server refused the input: ${message}`, { details: { ...details, issues: [issue] } });
    }
    case Status.NOT_FOUND:
      return new ModelError("MODEL_NOT_FOUND", message, init);
    case Status.UNAUTHENTICATED:
      return new AccessError("UNAUTHENTICATED", message, init);
    case Status.PERMISSION_DENIED:
      return new AccessError("FORBIDDEN", message, init);
    case Status.DEADLINE_EXCEEDED:
      return new OverloadError("DEADLINE_EXCEEDED", message, init);
    case Status.RESOURCE_EXHAUSTED:
      return exhausted(text, message, details);
    case Status.UNAVAILABLE:
      return unavailable(text, message, details);
    case Status.INTERNAL:
    case Status.UNKNOWN:
      // A server that says why is one whose runtime failed.
      if (carriesInput && text !== "") return new BackendError("BACKEND_RUN", message, init);
  }
  return new RemoteError("REMOTE_STATUS", message, init);
}

/** No more of a text than a line. */
function lineOf({ details }: ServiceError): string {
  const line = (details ?? "").replaceAll(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

type Facts = { readonly endpoint: string; readonly status: number };

/** gRPC's libraries have the same status for a message past its limit. */
function exhausted(text: string, message: string, details: Facts): PrediktError {
  if (/larger than/i.test(text)) return new InputError("INPUT_TOO_LARGE", message, { details });
  return new OverloadError("RATE_LIMITED", message, { details });
}

/** Triton answers UNAVAILABLE for a full queue and for time that has run out in it, too: only its texts tell. */
function unavailable(text: string, message: string, details: Facts): PrediktError {
  if (/exceeds maximum queue size|queue (is )?full/i.test(text)) return new OverloadError("QUEUE_FULL", message, { details });
  if (/timeout expired|deadline/i.test(text)) return new OverloadError("DEADLINE_EXCEEDED", message, { details });
  return new LifecycleError("NOT_READY", message, { details });
}
