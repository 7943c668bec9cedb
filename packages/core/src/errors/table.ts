/** One row of the error table: the class, the HTTP status, and whether trying again can help. */
export interface ErrorRow {
  readonly kind: ErrorKind;
  readonly status: number;
  readonly retryable: boolean;
}

/** The codes of each error class. */
export interface CodesByKind {
  InputError:
    | "INPUT_MISSING"
    | "INPUT_UNKNOWN"
    | "INPUT_DTYPE"
    | "INPUT_SHAPE"
    | "INPUT_VALUE"
    | "BODY_INVALID"
    | "INPUT_TOO_LARGE"
    | "UNSUPPORTED_MEDIA_TYPE"
    | "METHOD_NOT_ALLOWED";
  DefinitionError: "DEFINITION_FAILED" | "OUTPUT_INVALID" | "BATCH_UNSAFE";
  ModelError: "MODEL_NOT_FOUND" | "MODEL_FETCH" | "MODEL_INVALID" | "MODEL_UNSUPPORTED" | "MODEL_REFUSED" | "MODEL_INTEGRITY";
  BackendError: "BACKEND_MISSING" | "BACKEND_UNAVAILABLE" | "BACKEND_RUN" | "BACKEND_MEMORY" | "BACKEND_LOST";
  AccessError: "UNAUTHENTICATED" | "FORBIDDEN";
  OverloadError: "QUEUE_FULL" | "RATE_LIMITED" | "DEADLINE_EXCEEDED";
  RemoteError: "REMOTE_UNREACHABLE" | "REMOTE_STATUS" | "REMOTE_PROTOCOL";
  LifecycleError: "NOT_READY" | "DRAINING" | "CLOSED";
  ConfigError: "CONFIG_INVALID";
}

/** The error classes. */
export type ErrorKind = keyof CodesByKind;

/** The codes of one class. */
export type CodeOf<K extends ErrorKind> = CodesByKind[K];

/** A code of the error table. */
export type ErrorCode = CodesByKind[ErrorKind];

const row = (kind: ErrorKind, status: number, retryable = false): ErrorRow => ({ kind, status, retryable });

/** Every error code. Their meanings stand in meanings.ts, which no application needs to ship. */
export const errorTable: Readonly<Record<ErrorCode, ErrorRow>> = {
  INPUT_MISSING: row("InputError", 400),
  INPUT_UNKNOWN: row("InputError", 400),
  INPUT_DTYPE: row("InputError", 400),
  INPUT_SHAPE: row("InputError", 400),
  INPUT_VALUE: row("InputError", 400),
  BODY_INVALID: row("InputError", 400),
  INPUT_TOO_LARGE: row("InputError", 413),
  UNSUPPORTED_MEDIA_TYPE: row("InputError", 415),
  METHOD_NOT_ALLOWED: row("InputError", 405),
  DEFINITION_FAILED: row("DefinitionError", 500),
  OUTPUT_INVALID: row("DefinitionError", 500),
  BATCH_UNSAFE: row("DefinitionError", 500),
  MODEL_NOT_FOUND: row("ModelError", 404),
  MODEL_FETCH: row("ModelError", 502, true),
  MODEL_INVALID: row("ModelError", 500),
  MODEL_UNSUPPORTED: row("ModelError", 500),
  MODEL_REFUSED: row("ModelError", 500),
  MODEL_INTEGRITY: row("ModelError", 500),
  BACKEND_MISSING: row("BackendError", 500),
  BACKEND_UNAVAILABLE: row("BackendError", 500),
  BACKEND_RUN: row("BackendError", 500),
  BACKEND_MEMORY: row("BackendError", 500),
  BACKEND_LOST: row("BackendError", 500, true),
  UNAUTHENTICATED: row("AccessError", 401),
  FORBIDDEN: row("AccessError", 403),
  QUEUE_FULL: row("OverloadError", 429, true),
  RATE_LIMITED: row("OverloadError", 429, true),
  DEADLINE_EXCEEDED: row("OverloadError", 504, true),
  REMOTE_UNREACHABLE: row("RemoteError", 502, true),
  REMOTE_STATUS: row("RemoteError", 502),
  REMOTE_PROTOCOL: row("RemoteError", 502),
  NOT_READY: row("LifecycleError", 503, true),
  DRAINING: row("LifecycleError", 503, true),
  CLOSED: row("LifecycleError", 503),
  CONFIG_INVALID: row("ConfigError", 500),
};
