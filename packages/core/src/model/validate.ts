import type { StandardSchemaV1 } from "@standard-schema/spec";
import { DefinitionError, type ErrorCode, errorTable } from "../errors/index.ts";
import { inputError, mostIssues, type Problem, summary } from "../errors/mismatch.ts";
import { describe } from "../tensor/index.ts";

/**
 * Validates an input with a Standard Schema. Synchronous where the schema is.
 *
 * @throws InputError with every issue, up to what an error lists; its code is the first one's.
 */
export function validateInput(schema: StandardSchemaV1, value: unknown): unknown {
  return validate(schema, value, inputError);
}

/**
 * Validates what decode gave with the output schema. Synchronous where the schema is.
 *
 * @throws DefinitionError OUTPUT_INVALID with every issue, up to what an error lists.
 */
export function validateOutput(schema: StandardSchemaV1, value: unknown): unknown {
  return validate(schema, value, outputError);
}

type Refusal = (problems: readonly Problem[], count: number) => Error;

const outputError: Refusal = (...found) => new DefinitionError("OUTPUT_INVALID", ...summary("output", ...found));

function validate(schema: StandardSchemaV1, value: unknown, refusal: Refusal): unknown {
  const result = schema["~standard"].validate(value);
  return result instanceof Promise ? result.then((settled) => open(settled, value, refusal)) : open(result, value, refusal);
}

function open(result: StandardSchemaV1.Result<unknown>, input: unknown, refusal: Refusal): unknown {
  const { issues } = result;
  if (issues === undefined) return result.value;
  // A schema may refuse without a word.
  const told = issues.length > 0 ? issues : [{ message: "refused by the schema" }];
  throw refusal(
    told.slice(0, mostIssues).map((issue) => toProblem(issue, input)),
    told.length,
  );
}

/** What the issues of common schema libraries and of `numbers()` hold beside the standard's message and path. */
interface RichIssue extends StandardSchemaV1.Issue {
  readonly code?: string;
  readonly expected?: unknown;
  readonly params?: { readonly code?: ErrorCode; readonly expected?: string; readonly received?: string };
}

function toProblem(raw: StandardSchemaV1.Issue, input: unknown): Problem {
  const { code, message, params, expected } = raw as RichIssue;
  let path = "";
  let value = input;
  for (const part of raw.path ?? []) {
    const key = typeof part === "object" ? part.key : part;
    path += typeof key === "number" ? `[${key}]` : `${path && "."}${String(key)}`;
    value = typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
  }
  const problem = (code: string, expected = "", received = ""): Problem => ({
    code: code as Problem["code"],
    issue: { path, expected, received, message },
  });
  // An application's own schema may put anything there.
  if (params?.code && errorTable[params.code]?.kind === "InputError") return problem(params.code, params.expected, params.received);
  if (code === "unrecognized_keys") return problem("INPUT_UNKNOWN", "no other keys", "unknown keys");
  const wanted = typeof expected === "string" ? expected : "a value that the schema takes";
  return problem(value === undefined ? "INPUT_MISSING" : code === "invalid_type" ? "INPUT_DTYPE" : "INPUT_VALUE", wanted, describe(value));
}
