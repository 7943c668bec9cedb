import { DefinitionError, isPrediktError, type PrediktError } from "../errors/index.ts";
import { errorMeanings } from "../errors/meanings.ts";
import type { NeutralReply } from "./neutral.ts";
import { binaryType, headers, jsonReply, jsonType, toErrorBody } from "./wire/index.ts";

/** Any thrown value as an error of the code table: what is none yet was thrown by a schema, or by an output that cannot become JSON. */
export function toPrediktError(thrown: unknown): PrediktError {
  if (isPrediktError(thrown)) return thrown;
  return new DefinitionError("DEFINITION_FAILED", thrown instanceof Error ? thrown.message : "something that is not an error was thrown", {
    cause: thrown,
  });
}

/** An error's body as JSON text. Whoever throws chooses message and details; what JSON cannot carry of them is left out. Never throws. */
export function errorText(error: PrediktError): string {
  try {
    return JSON.stringify(toErrorBody(error));
  } catch {
    const { code } = error;
    return JSON.stringify({ error: errorMeanings[code], code });
  }
}

/** The reply for an error. Never throws. */
export function errorReply(error: PrediktError, requestId: string): NeutralReply {
  const { status } = error;
  const head: Record<string, string> = { "content-type": jsonReply, [headers.requestId]: requestId };
  // A closed predictor stays closed.
  if (error.retryable && (status === 429 || status === 503)) head["retry-after"] = retryAfter(error);
  const { allow } = error.details;
  if (error.code === "METHOD_NOT_ALLOWED" && typeof allow === "string" && /^[A-Z, ]+$/.test(allow)) head["allow"] = allow;
  const { challenge } = error.details;
  if (error.code === "UNAUTHENTICATED") head["www-authenticate"] = isVisible(challenge) ? challenge : "Bearer";
  // RFC 9110, section 15.5.16: what would have been taken.
  const wrong = error.code === "UNSUPPORTED_MEDIA_TYPE" ? error.issues[0]?.path : undefined;
  if (wrong === "content-type") head["accept"] = `${jsonType}, ${binaryType}`;
  if (wrong === "content-encoding") head["accept-encoding"] = "gzip, deflate";
  return { status, headers: head, body: errorText(error) };
}

function isVisible(text: unknown): text is string {
  return typeof text === "string" && /^[\x20-\x7e]+$/.test(text);
}

/** Whole seconds, at least one. */
function retryAfter(error: PrediktError): string {
  const { retryAfterMs } = error.details;
  return String(Math.max(1, typeof retryAfterMs === "number" ? Math.ceil(retryAfterMs / 1000) || 1 : 1));
}
