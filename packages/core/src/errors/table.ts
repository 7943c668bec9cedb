/** One row of the error table: the class, the HTTP status, whether trying again can help, and what it means. */
export interface ErrorRow {
  readonly kind: ErrorKind;
  readonly status: number;
  readonly retryable: boolean;
  readonly meaning: string;
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

const row = (kind: ErrorKind, status: number, retryable: boolean, meaning: string): ErrorRow => ({ kind, status, retryable, meaning });

/** Every error code. The reference in docs/ is generated from this table. */
export const errorTable: Readonly<Record<ErrorCode, ErrorRow>> = {
  INPUT_MISSING: row("InputError", 400, false, "An input that the model needs was not given."),
  INPUT_UNKNOWN: row("InputError", 400, false, "An input was given that the model does not have."),
  INPUT_DTYPE: row("InputError", 400, false, "An input has another element type than the model takes."),
  INPUT_SHAPE: row("InputError", 400, false, "An input has another rank or size than the model takes; the axis is named."),
  INPUT_VALUE: row("InputError", 400, false, "A value is out of range, not finite, or refused by the schema."),
  BODY_INVALID: row("InputError", 400, false, "The request body could not be read: truncated or malformed JSON, or a broken encoding."),
  INPUT_TOO_LARGE: row("InputError", 413, false, "The body or the input is past its limit."),
  UNSUPPORTED_MEDIA_TYPE: row("InputError", 415, false, "The content type or encoding is not one that the route takes."),
  METHOD_NOT_ALLOWED: row("InputError", 405, false, "The route exists, but not for this method; Allow names those it has."),
  DEFINITION_FAILED: row("DefinitionError", 500, false, "The definition's own encode or decode threw, or gave tensors that the model does not take."),
  OUTPUT_INVALID: row("DefinitionError", 500, false, "What decode gave was refused by the definition's output schema."),
  BATCH_UNSAFE: row("DefinitionError", 500, false, "Batching was demanded of a model whose rows influence one another."),
  MODEL_NOT_FOUND: row("ModelError", 404, false, "There is no such model, version, label or route, or no such model file."),
  MODEL_FETCH: row("ModelError", 502, true, "The model could not be downloaded."),
  MODEL_INVALID: row("ModelError", 500, false, "The file is not a readable ONNX model."),
  MODEL_UNSUPPORTED: row("ModelError", 500, false, "The model is valid but uses an operator, opset or type that the runtime does not have."),
  MODEL_REFUSED: row("ModelError", 500, false, "The model is hostile or past a limit, and was not given to the runtime."),
  MODEL_INTEGRITY: row("ModelError", 500, false, "The model's bytes do not have the SHA-256 that was asked for."),
  BACKEND_MISSING: row("BackendError", 500, false, "A package that the backend needs is not installed; the message names it."),
  BACKEND_UNAVAILABLE: row("BackendError", 500, false, "No device that was asked for could be opened; details.tried says why, one by one."),
  BACKEND_RUN: row("BackendError", 500, false, "The runtime failed while it ran the model."),
  BACKEND_MEMORY: row("BackendError", 500, false, "The runtime ran out of memory."),
  BACKEND_LOST: row("BackendError", 500, true, "The worker or process that ran the model died; it is replaced."),
  UNAUTHENTICATED: row("AccessError", 401, false, "The request carries no valid credentials."),
  FORBIDDEN: row("AccessError", 403, false, "The credentials do not allow this."),
  QUEUE_FULL: row("OverloadError", 429, true, "The queue is at its limit; try again after Retry-After."),
  RATE_LIMITED: row("OverloadError", 429, true, "The caller's rate is past its limit; try again after Retry-After."),
  DEADLINE_EXCEEDED: row("OverloadError", 504, true, "The time limit passed before the answer came."),
  REMOTE_UNREACHABLE: row("RemoteError", 502, true, "The remote server could not be reached."),
  REMOTE_STATUS: row("RemoteError", 502, false, "The remote server answered with an unexpected status."),
  REMOTE_PROTOCOL: row("RemoteError", 502, false, "The remote server's answer could not be understood."),
  NOT_READY: row("LifecycleError", 503, true, "The model is not loaded and warm yet."),
  DRAINING: row("LifecycleError", 503, true, "The server or predictor is finishing its work and takes no more."),
  CLOSED: row("LifecycleError", 503, false, "The predictor was closed."),
  CONFIG_INVALID: row("ConfigError", 500, false, "An option is wrong; the message gives its path, what was expected and what came."),
};
