import { type CodeOf, type ErrorCode, type ErrorKind, errorTable } from "./table.ts";

/** One problem of an input: where, what was expected, and what came (a type, shape or range; never the value). */
export interface Issue {
  readonly path: string;
  readonly expected: string;
  readonly received: string;
  readonly message?: string | undefined;
}

/** Plain JSON that tells more: `issues`, `tried`, `limit`, `retryAfterMs`, … */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** A cause and details for a new error. */
export interface ErrorInit {
  readonly details?: ErrorDetails | undefined;
  readonly cause?: unknown;
}

/** An error as plain JSON, for threads, processes and the wire. */
export interface ErrorJson {
  readonly code: string;
  readonly message: string;
  readonly details: ErrorDetails;
  readonly cause?: string | undefined;
}

const marker: symbol = Symbol.for("predikt.error");

/** The base of every error the SDK raises. Recognise one with {@link isPrediktError}, not with `instanceof`: two copies of the package may be loaded. */
export class PrediktError<K extends ErrorKind = ErrorKind> extends Error {
  readonly code: CodeOf<K>;
  /** Whether the same call can succeed later. */
  readonly retryable: boolean;
  readonly details: ErrorDetails;

  constructor(code: CodeOf<K>, message: string, init: ErrorInit = {}) {
    super(message, init);
    this.code = code;
    ({ kind: this.name, retryable: this.retryable } = errorTable[code]);
    this.details = init.details ?? {};
    Object.defineProperty(this, marker, { value: true });
  }

  /** The HTTP status of the code table. */
  get status(): number {
    return errorTable[this.code].status;
  }

  /** Every input problem found, where this error has them. */
  get issues(): readonly Issue[] {
    const { issues } = this.details;
    return Array.isArray(issues) ? issues : [];
  }

  toJSON(): ErrorJson {
    const { code, message, details, cause } = this;
    return { code, message, details, cause: (cause as Error | undefined)?.message };
  }
}

/** The caller's input or request is wrong. */
export class InputError extends PrediktError<"InputError"> {}
/** The definition's own functions or schemas failed. */
export class DefinitionError extends PrediktError<"DefinitionError"> {}
/** The model file is missing, broken, refused or unknown. */
export class ModelError extends PrediktError<"ModelError"> {}
/** The runtime is missing, cannot be opened, or failed. */
export class BackendError extends PrediktError<"BackendError"> {}
/** Credentials are missing or do not suffice. */
export class AccessError extends PrediktError<"AccessError"> {}
/** Too much work, or too little time. */
export class OverloadError extends PrediktError<"OverloadError"> {}
/** A remote server failed. */
export class RemoteError extends PrediktError<"RemoteError"> {}
/** Not yet ready, draining, or closed. */
export class LifecycleError extends PrediktError<"LifecycleError"> {}
/** An option is wrong. */
export class ConfigError extends PrediktError<"ConfigError"> {
  constructor(path: string, expected: string, received: string) {
    super("CONFIG_INVALID", `option "${path}": expected ${expected}, got ${received}`, { details: { path, expected, received } });
  }
}

/** Whether a value is an error of the SDK, from whichever copy of the package, and of that code if one is named. */
export function isPrediktError(value: unknown, code?: ErrorCode): value is PrediktError {
  const error = value as (PrediktError & Record<symbol, unknown>) | null | undefined;
  return error?.[marker] === true && (code === undefined || error.code === code);
}
