import { BackendError, DefinitionError, isPrediktError, type PrediktError } from "../errors/index.ts";
import type { NeutralReply } from "./neutral.ts";
import { headers, jsonReply, toErrorBody } from "./wire/index.ts";

/** Any thrown value as an error of the code table: what is not one yet came from the model's own code or its runtime. */
export function toPrediktError(thrown: unknown): PrediktError {
  if (isPrediktError(thrown)) return thrown;
  if (thrown instanceof TypeError || thrown instanceof RangeError) {
    return new DefinitionError("DEFINITION_FAILED", `the output could not be written as JSON: ${thrown.message}`, { cause: thrown });
  }
  return new BackendError("BACKEND_RUN", thrown instanceof Error ? thrown.message : "something that is not an error was thrown", { cause: thrown });
}

/** The reply for an error. */
export function errorReply(error: PrediktError, requestId: string): NeutralReply {
  const { status } = error;
  const head: Record<string, string> = { "content-type": jsonReply, [headers.requestId]: requestId };
  if (status === 429 || status === 503) head["retry-after"] = retryAfter(error);
  if (error.code === "METHOD_NOT_ALLOWED") head["allow"] = String(error.details["allow"] ?? "");
  if (error.code === "UNSUPPORTED_MEDIA_TYPE") head["accept-encoding"] = "gzip, deflate";
  return { status, headers: head, body: JSON.stringify(toErrorBody(error)) };
}

/** Whole seconds, at least one. */
function retryAfter(error: PrediktError): string {
  const ms = Number(error.details["retryAfterMs"] ?? 1000);
  return String(Math.max(1, Math.ceil(ms / 1000) || 1));
}
