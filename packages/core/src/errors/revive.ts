import {
  AccessError,
  BackendError,
  ConfigError,
  DefinitionError,
  type ErrorInit,
  type ErrorJson,
  InputError,
  LifecycleError,
  ModelError,
  OverloadError,
  PrediktError,
  RemoteError,
} from "./errors.ts";
import { type ErrorCode, type ErrorKind, errorTable } from "./table.ts";

const classes: Record<Exclude<ErrorKind, "ConfigError">, new (code: never, message: string, init?: ErrorInit) => PrediktError> = {
  InputError,
  DefinitionError,
  ModelError,
  BackendError,
  AccessError,
  OverloadError,
  RemoteError,
  LifecycleError,
};

/** Makes the error that an {@link ErrorJson} describes, with its class and code. An unknown code becomes `fallback`. */
export function reviveError(json: ErrorJson, fallback: ErrorCode = "BACKEND_RUN"): PrediktError {
  const code: ErrorCode = Object.hasOwn(errorTable, json.code) ? (json.code as ErrorCode) : fallback;
  const kind: ErrorKind = errorTable[code].kind;
  const { issues, ...rest } = json.details ?? {};
  const details = isIssues(issues) ? { ...rest, issues } : rest;
  const init: ErrorInit = { details, ...(json.cause === undefined ? {} : { cause: new Error(json.cause) }) };
  if (kind === "ConfigError") {
    const error = new PrediktError(code, json.message, init);
    Object.setPrototypeOf(error, ConfigError.prototype);
    return error;
  }
  return new classes[kind](code as never, json.message, init);
}

/** What comes from elsewhere under that name may be anything. */
function isIssues(value: unknown): boolean {
  return Array.isArray(value) && value.every((issue) => ["path", "expected", "received"].every((key) => typeof issue?.[key] === "string"));
}
