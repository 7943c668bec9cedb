import { errorTable, type PrediktError } from "@predikt/core";
import { toErrorBody } from "@predikt/core/serving";

/** gRPC's status codes that are used here, by their numbers on the wire. */
export const Status = {
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  OUT_OF_RANGE: 11,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** The metadata key under which a failure carries what an HTTP reply has for its body: JSON with `error`, `code`, `issues` and `details`. */
export const errorKey = "x-predikt-error-bin";

/** gRPC's key for the milliseconds after which a call may be made again. */
export const pushbackKey = "grpc-retry-pushback-ms";

const byHttpStatus: Readonly<Record<number, number>> = {
  400: Status.INVALID_ARGUMENT,
  401: Status.UNAUTHENTICATED,
  403: Status.PERMISSION_DENIED,
  404: Status.NOT_FOUND,
  405: Status.INVALID_ARGUMENT,
  // As gRPC itself has it for a message past its limit.
  413: Status.RESOURCE_EXHAUSTED,
  415: Status.INVALID_ARGUMENT,
  429: Status.RESOURCE_EXHAUSTED,
  503: Status.UNAVAILABLE,
  504: Status.DEADLINE_EXCEEDED,
};

/** The status of an error. What is neither the caller's fault nor passes by itself is INTERNAL. */
export function statusOf({ code }: PrediktError): number {
  const { status, retryable } = errorTable[code];
  return byHttpStatus[status] ?? (status === 502 && retryable ? Status.UNAVAILABLE : Status.INTERNAL);
}

/** A failure as it travels: gRPC's status and text, and the error's JSON. */
export interface Failure {
  readonly code: number;
  readonly details: string;
  readonly json: string;
  /** Undefined where trying again does not help. */
  readonly retryAfterMs: number | undefined;
}

/** Clients of other languages take no more than 8 KiB of metadata, in which bytes are a third longer and other letters than ASCII three times as long. */
const longestText = 600;
const longestJson = 3000;

/** A failure for an error: a server's insides, and who stands behind it, stay inside. Never throws. */
export function toFailure(error: PrediktError): Failure {
  const body = toErrorBody(error);
  const text = cut(body.error);
  const { retryAfterMs } = error.details;
  return {
    code: statusOf(error),
    details: text,
    json: firstShort([body, { error: text, code: error.code, issues: body.issues }, { error: text, code: error.code }]),
    retryAfterMs: error.retryable && typeof retryAfterMs === "number" && retryAfterMs >= 0 ? Math.ceil(retryAfterMs) : undefined,
  };
}

/** The first of several forms that is short enough and can be JSON at all; the last one is. */
function firstShort(forms: readonly object[]): string {
  for (const form of forms) {
    try {
      const json = JSON.stringify(form);
      if (Buffer.byteLength(json) <= longestJson) return json;
    } catch {
      // Whoever throws chooses the details.
    }
  }
  return "{}";
}

/** gRPC's library percent-encodes the text, which half a surrogate pair has no form for. */
function cut(text: string): string {
  const short = text.length > longestText ? `${text.slice(0, longestText)}…` : text;
  return short.replace(/\p{Surrogate}/gu, "\ufffd");
}
