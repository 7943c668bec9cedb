import { type ErrorDetails, errorTable, type Issue, type PrediktError, RemoteError } from "../../errors/index.ts";
import { errorMeanings } from "../../errors/meanings.ts";
import { reviveError } from "../../errors/revive.ts";

/**
 * An error on the wire. A 500 and a 502 have the code's meaning for `error` and no `details` but the other server's status: a server's insides, and who
 * stands behind it, stay inside.
 */
export interface ErrorBody {
  readonly error: string;
  readonly code: string;
  readonly issues?: readonly Issue[];
  readonly details?: ErrorDetails;
}

/** An error as a client may see it. */
export function toErrorBody(error: PrediktError): ErrorBody {
  const { code } = error;
  if (error.status === 500 || error.status === 502) {
    const { which, status } = error.details;
    const meaning = errorMeanings[code];
    const text = typeof which === "string" ? `${meaning} (${which})` : meaning;
    return { error: text, code, ...(typeof status === "number" ? { details: { status } } : {}) };
  }
  const { issues, ...details } = error.details;
  return {
    error: error.message,
    code,
    ...(Array.isArray(issues) ? { issues: issues as readonly Issue[] } : {}),
    ...(Object.keys(details).length === 0 ? {} : { details }),
  };
}

/** Whether a value has the form of an {@link ErrorBody}. */
export function isErrorBody(value: unknown): value is ErrorBody {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as ErrorBody).error === "string" &&
    typeof (value as ErrorBody).code === "string"
  );
}

/**
 * The error that a body describes, with its class, code, details and issues. A code that this version does not know becomes REMOTE_STATUS, and stands in
 * the details.
 *
 * @param status What the reply that brought it had; undefined for an item of a batch.
 */
export function fromErrorBody({ code, error: message, details: given, issues }: ErrorBody, status?: number): PrediktError {
  const details = { ...given, ...(Array.isArray(issues) ? { issues } : {}) };
  if (Object.hasOwn(errorTable, code)) return reviveError({ code, message, details });
  return new RemoteError("REMOTE_STATUS", message, { details: { ...details, code, ...(status === undefined ? {} : { status }) } });
}
