import { DefinitionError, isPrediktError, type PrediktError } from "../errors/index.ts";
import type { NeutralReply } from "./neutral.ts";
import { binaryType, headers, jsonReply, jsonType, toErrorBody } from "./wire/index.ts";

/** Any thrown value as an error of the code table: what is none yet was thrown by a schema, or by an output that cannot become JSON. */
export function toPrediktError(thrown: unknown): PrediktError {
  if (isPrediktError(thrown)) return thrown;
  return new DefinitionError("DEFINITION_FAILED", thrown instanceof Error ? thrown.message : "something that is not an error was thrown", {
    cause: thrown,
  });
}

/** The reply for an error. */
export function errorReply(error: PrediktError, requestId: string): NeutralReply {
  const { status } = error;
  const head: Record<string, string> = { "content-type": jsonReply, [headers.requestId]: requestId };
  if (status === 429 || status === 503) head["retry-after"] = retryAfter(error);
  if (error.code === "METHOD_NOT_ALLOWED") head["allow"] = String(error.details["allow"] ?? "");
  // RFC 9110, section 15.5.16: what would have been taken.
  const wrong = error.code === "UNSUPPORTED_MEDIA_TYPE" ? error.issues[0]?.path : undefined;
  if (wrong === "content-type") head["accept"] = `${jsonType}, ${binaryType}`;
  if (wrong === "content-encoding") head["accept-encoding"] = "gzip, deflate";
  return { status, headers: head, body: JSON.stringify(toErrorBody(error)) };
}

/** Whole seconds, at least one. */
function retryAfter(error: PrediktError): string {
  const ms = Number(error.details["retryAfterMs"] ?? 1000);
  return String(Math.max(1, Math.ceil(ms / 1000) || 1));
}
