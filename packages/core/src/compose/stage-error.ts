import { DefinitionError, isPrediktError, type PrediktError, RemoteError } from "../errors/index.ts";
import { reasonOf } from "../errors/reason.ts";
import { reviveError } from "../errors/revive.ts";

/** Where in a composition something failed. */
export interface StagePlace {
  /** The composition and its stage, for the message: `pipeline "read", stage 1 ("recogniser")`. */
  readonly where: string;
  /** In the error's `details.stage`, where it is one's. */
  readonly stage?: { readonly index: number; readonly name: string } | undefined;
  /** Whether it was given what the caller gave, so that a refusal of that is the caller's to hear. */
  readonly callers: boolean;
}

/**
 * The error of a stage as the whole's: with its class and code, its place in front of the message, and itself as the cause. What a later stage
 * refuses was made by an earlier one, which the caller cannot help: that becomes DEFINITION_FAILED, unless a definition refused it on purpose.
 */
export function stageError(thrown: unknown, { where, stage, callers }: StagePlace): PrediktError {
  const place = stage === undefined ? {} : { stage };
  if (!isPrediktError(thrown)) {
    return new DefinitionError("DEFINITION_FAILED", `${where} failed: ${reasonOf(thrown)}`, { cause: thrown, details: place });
  }
  const { code, name, details } = thrown;
  const message = `${where}: ${thrown.message}`;
  if (name === "InputError" && !callers && details["raisedBy"] !== "definition")
    return new DefinitionError("DEFINITION_FAILED", message, { cause: thrown, details: { ...place, issues: thrown.issues } });
  // The credentials are ours, not the caller's.
  if (name === "AccessError") return new RemoteError("REMOTE_STATUS", message, { cause: thrown, details: place });
  const error = reviveError({ code, message, details: { ...details, ...place } });
  Object.defineProperty(error, "cause", { value: thrown, configurable: true, writable: true });
  return error;
}
