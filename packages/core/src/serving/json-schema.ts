import type { StandardSchemaV1 } from "@standard-schema/spec";
import { dtypeInfo, specText } from "../tensor/index.ts";
import type { AnyPredictor, Dim, TensorSpec } from "../types/index.ts";

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A Standard Schema that can tell its JSON Schema (Standard JSON Schema 1). */
type Telling = { readonly jsonSchema?: Readonly<Record<"input" | "output", (options: { readonly target: string }) => JsonSchema>> };

/**
 * The JSON Schemas of what a model takes and gives: from its schemas where they can tell, else from the definition's `jsonSchema` option, else,
 * without a definition, from the signature.
 */
export function schemasOf({ definition, info }: AnyPredictor): { input: JsonSchema; output: JsonSchema } {
  if (definition === undefined) {
    return { input: recordOf(info.signature.inputs, inputSchema), output: recordOf(info.signature.outputs, tensorSchema) };
  }
  const { input, output, jsonSchema } = definition;
  const unknown: JsonSchema = { description: "This model's schema does not tell its JSON Schema; see the example." };
  return {
    input: told(input, "input") ?? (jsonSchema?.input as JsonSchema | undefined) ?? unknown,
    // `decode` gives the schema's input, callers get its output.
    output: told(output, "output") ?? (jsonSchema?.output as JsonSchema | undefined) ?? unknown,
  };
}

function told(schema: StandardSchemaV1, side: "input" | "output"): JsonSchema | undefined {
  const { jsonSchema } = schema["~standard"] as Telling;
  try {
    const { $schema: _dialect, "~standard": _origin, ...rest } = jsonSchema?.[side]({ target: "draft-2020-12" }) ?? {};
    return Object.keys(rest).length === 0 ? undefined : rest;
  } catch {
    // Transforms and custom types have none.
    return undefined;
  }
}

function recordOf(specs: readonly TensorSpec[], schema: (spec: TensorSpec) => JsonSchema): JsonSchema {
  return {
    type: "object",
    properties: Object.fromEntries(specs.map((spec) => [spec.name, schema(spec)])),
    required: specs.map((spec) => spec.name),
    additionalProperties: false,
  };
}

/** Inputs may be nested arrays, a flat array that stands for the shape, or a whole tensor. */
function inputSchema(spec: TensorSpec): JsonSchema {
  const element = elementSchema(spec);
  const nested = spec.shape.reduceRight<JsonSchema>((items, dim) => arrayOf(items, dim), element);
  const flat = spec.shape.length > 1 ? [arrayOf(element, "")] : [];
  return { description: specText(spec), anyOf: [nested, ...flat, tensorSchema(spec)] };
}

function tensorSchema(spec: TensorSpec): JsonSchema {
  const dims = { type: "array", items: { type: "integer", minimum: 0 }, minItems: spec.shape.length, maxItems: spec.shape.length };
  return {
    type: "object",
    description: specText(spec),
    properties: { type: { const: spec.dtype }, dims, data: arrayOf(elementSchema(spec), "") },
    required: ["type", "dims", "data"],
  };
}

function arrayOf(items: JsonSchema, dim: Dim): JsonSchema {
  return { type: "array", items, ...(typeof dim === "number" ? { minItems: dim, maxItems: dim } : {}) };
}

function elementSchema({ dtype }: TensorSpec): JsonSchema {
  const { kind, min, max } = dtypeInfo(dtype);
  switch (kind) {
    case "float":
      return { anyOf: [{ type: "number" }, { enum: ["NaN", "Infinity", "-Infinity"] }] };
    case "integer":
      return { type: "integer", minimum: min, maximum: max };
    case "bigint":
      return { anyOf: [{ type: "integer" }, { type: "string", pattern: "^-?[0-9]{1,20}$" }] };
    default:
      return { type: kind === "bool" ? "boolean" : "string" };
  }
}
