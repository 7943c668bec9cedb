import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type Issue, isPrediktError } from "../errors/index.ts";
import { mismatch } from "../errors/mismatch.ts";
import { assertRange, describe, dtypeInfo, fitFlat, fits, isList, shapeOf, sizeOf, specText, store } from "../tensor/index.ts";
import type { Dim, DType, DTypeData, NestedArray, NumericArray } from "../types/index.ts";

/** What a numeric array must be. Give `length` or `shape`, or neither for any length. */
export interface NumbersOptions<D extends Exclude<DType, "string"> = "float32"> {
  /** Exact number of elements of a flat array. Nested arrays of that many elements are taken too. */
  readonly length?: number | undefined;
  /** Row-major shape of nested arrays, e.g. `[28, 28]`; a string is a free dimension. A flat array of the right size is taken too. */
  readonly shape?: readonly Dim[] | undefined;
  /** Element type of what comes out. Default: `"float32"`. */
  readonly dtype?: D | undefined;
  /** Smallest value allowed. Default: the dtype's own. */
  readonly min?: number | undefined;
  /** Largest value allowed. Default: the dtype's own. */
  readonly max?: number | undefined;
  /** Whether NaN and infinities pass. Default: false. */
  readonly allowNonFinite?: boolean | undefined;
}

/** What a caller may give for a numeric array: a list, nested lists, or a typed array. */
export type NumbersInput = readonly NestedArray[] | NumericArray;

type AnyOptions = NumbersOptions<Exclude<DType, "string">>;
type JsonSchema = Record<string, unknown>;

/** A problem as zod's internals carry it. */
interface RawIssue {
  readonly code: "custom";
  readonly message: string;
  readonly path: PropertyKey[];
  readonly input: unknown;
  readonly params: { readonly code: string; readonly expected: string; readonly received: string };
}

interface Payload {
  value: unknown;
  issues: unknown[];
}

/**
 * A schema for numeric arrays: a Standard Schema, and also usable as a field of a zod 4 object, without zod being loaded here.
 */
export interface NumbersSchema<Output> extends StandardSchemaV1<NumbersInput, Output> {
  readonly "~standard": StandardSchemaV1.Props<NumbersInput, Output> & {
    readonly jsonSchema: { input(): Record<string, unknown>; output(): Record<string, unknown> };
  };
  /** What zod 4 calls when this schema stands inside one of its own. */
  readonly _zod: {
    readonly input: NumbersInput;
    readonly output: Output;
    readonly def: { readonly type: "custom" };
    readonly traits: Set<string>;
    readonly bag: Record<string, unknown>;
    readonly run: (payload: Payload) => Payload;
    readonly parse: (payload: Payload) => Payload;
    readonly toJSONSchema: () => Record<string, unknown>;
    readonly optin: undefined;
    readonly optout: undefined;
  };
}

/**
 * Schema for a numeric array: lists, nested lists or typed arrays in, one typed array of the dtype out, in one pass. An array that has
 * the dtype's own class already is passed on as it is; the predictor copies it, unless it is given with `transfer: true`.
 */
export function numbers<D extends Exclude<DType, "string"> = "float32">(options: NumbersOptions<D> = {}): NumbersSchema<DTypeData[D]> {
  type Output = DTypeData[D];
  const json = (): JsonSchema => jsonSchemaOf(options);
  const run = (payload: Payload): Payload => {
    const input = payload.value;
    try {
      payload.value = checkNumbers(input, options);
    } catch (error) {
      if (!isPrediktError(error)) throw error;
      for (const issue of error.issues) payload.issues.push(toRawIssue(issue, error.code, input));
    }
    return payload;
  };
  return {
    "~standard": {
      version: 1,
      vendor: "predikt",
      validate: (input) => {
        const { value, issues } = run({ value: input, issues: [] });
        return issues.length > 0 ? { issues: issues as RawIssue[] } : { value: value as Output };
      },
      jsonSchema: { input: json, output: json },
    },
    _zod: {
      def: { type: "custom" },
      traits: new Set(["$ZodType", "$ZodCustom"]),
      bag: {},
      run,
      parse: run,
      toJSONSchema: json,
    } as unknown as NumbersSchema<Output>["_zod"],
  };
}

function checkNumbers(value: unknown, options: AnyOptions): unknown {
  const { dtype = "float32", length, shape } = options;
  const expected = specText({ dtype, shape: shape ?? [length ?? ""] });
  if (!isList(value)) throw mismatch(value === undefined ? "INPUT_MISSING" : "INPUT_DTYPE", "", expected, describe(value));
  const dims = shapeOf(dtype, value, "");
  const size = sizeOf(dims);
  if (shape === undefined ? size !== (length ?? size) : !(fits(dims, shape) || (dims.length === 1 && fitFlat(shape, size) !== undefined)))
    throw mismatch("INPUT_SHAPE", "", expected, dims.length === 1 ? `${size} elements` : `[${dims.join(", ")}]`);
  const { data } = store(dtype, value, dims, dims, "");
  assertRange(data, dtype, "", options);
  return data;
}

function toRawIssue({ path, expected, received }: Issue, code: string, input: unknown): RawIssue {
  return {
    code: "custom",
    message: `expected ${expected}, got ${received}`,
    path: (path.match(/\d+/g) ?? []).map(Number),
    input,
    params: { code, expected, received },
  };
}

function jsonSchemaOf({ dtype = "float32", length, shape = [length ?? ""], min, max, allowNonFinite }: AnyOptions): JsonSchema {
  const { kind } = dtypeInfo(dtype);
  const type = kind === "float" ? "number" : kind === "bool" ? "boolean" : "integer";
  // JSON has no NaN and no integers past 2^53: those travel as strings.
  const item: JsonSchema = { type: kind === "bigint" || allowNonFinite === true ? [type, "string"] : type, minimum: min, maximum: max };
  const list = (items: JsonSchema, dim: Dim): JsonSchema => {
    const fixed = typeof dim === "number" ? dim : undefined;
    return { type: "array", items, minItems: fixed, maxItems: fixed };
  };
  const nested = shape.reduceRight(list, item);
  // A flat array may stand for the shape, and does so in every reply.
  const size = shape.every((dim) => typeof dim === "number") ? sizeOf(shape) : "";
  return shape.length < 2 ? nested : { anyOf: [nested, list(item, size)] };
}
