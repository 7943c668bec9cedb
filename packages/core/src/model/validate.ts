import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type CodeOf, DefinitionError } from "../errors/index.ts";
import { inputError, type Problem, problemText } from "../errors/mismatch.ts";
import { describe } from "../tensor/index.ts";

type InputCode = CodeOf<"InputError">;

/**
 * Validates an input with a Standard Schema. Synchronous where the schema is.
 *
 * @throws InputError with every issue; its code is the first one's.
 */
export function validateInput(schema: StandardSchemaV1, value: unknown): unknown {
  const result = schema["~standard"].validate(value);
  return result instanceof Promise ? result.then((settled) => inputOf(settled, value)) : inputOf(result, value);
}

/**
 * Validates what decode gave with the output schema. Synchronous where the schema is.
 *
 * @throws DefinitionError OUTPUT_INVALID with every issue.
 */
export function validateOutput(schema: StandardSchemaV1, value: unknown): unknown {
  const result = schema["~standard"].validate(value);
  return result instanceof Promise ? result.then((settled) => outputOf(settled, value)) : outputOf(result, value);
}

function inputOf(result: StandardSchemaV1.Result<unknown>, value: unknown): unknown {
  if (result.issues === undefined) return result.value;
  const found = result.issues.map((issue) => toIssue(issue, value));
  throw inputError(
    found.length > 0 ? found : [{ code: "INPUT_VALUE", issue: { path: "", expected: "a valid input", received: describe(value) } }],
  );
}

function outputOf(result: StandardSchemaV1.Result<unknown>, value: unknown): unknown {
  if (result.issues === undefined) return result.value;
  const found = result.issues.map((issue) => toIssue(issue, value));
  throw new DefinitionError("OUTPUT_INVALID", problemText(found, "output"), { details: { issues: found.map((f) => f.issue) } });
}

/** What the issues of common schema libraries and of `numbers()` hold beside the standard's message and path. */
interface RichIssue extends StandardSchemaV1.Issue {
  readonly code?: string;
  readonly expected?: unknown;
  readonly keys?: readonly string[];
  readonly params?: { readonly code?: string; readonly expected?: string; readonly received?: string };
}

function toIssue(raw: StandardSchemaV1.Issue, input: unknown): Problem {
  const rich = raw as RichIssue;
  const keys = (raw.path ?? []).map((part) => (typeof part === "object" ? part.key : part));
  const path = keys.reduce<string>(
    (at, key) => (typeof key === "number" ? `${at}[${key}]` : at === "" ? String(key) : `${at}.${String(key)}`),
    "",
  );
  if (rich.params?.code?.startsWith("INPUT_") === true) {
    const { code, expected = "", received = "" } = rich.params;
    return { code: code as InputCode, issue: { path, expected, received, message: raw.message } };
  }
  const value = valueAt(input, keys);
  if (rich.code === "unrecognized_keys") {
    return { code: "INPUT_UNKNOWN", issue: { path, expected: "no other keys", received: "unknown keys", message: raw.message } };
  }
  const expected = typeof rich.expected === "string" ? rich.expected : "a value that the schema takes";
  const code: InputCode = value === undefined ? "INPUT_MISSING" : rich.code === "invalid_type" ? "INPUT_DTYPE" : "INPUT_VALUE";
  return { code, issue: { path, expected, received: value === undefined ? "nothing" : describe(value), message: raw.message } };
}

function valueAt(input: unknown, keys: readonly PropertyKey[]): unknown {
  let at: unknown = input;
  for (const key of keys) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at;
}
