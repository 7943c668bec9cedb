import type { DType, DTypeData } from "../types/index.ts";
import { allocate, dtypeInfo } from "./dtypes.ts";
import { fromFloat16Bits, toFloat16Bits } from "./float16.ts";

/** An element that could not become the dtype: its index, what was expected, and the class of what came. */
export interface BadElement {
  readonly index: number;
  readonly expected: string;
  readonly received: string;
}

/** Names the class of a value for a message, never the value itself. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "number") {
    if (Number.isNaN(value)) return "NaN";
    if (!Number.isFinite(value)) return "an infinity";
    return Number.isInteger(value) ? "an integer" : "a fraction";
  }
  if (typeof value === "object") return Array.isArray(value) ? "array" : (value.constructor?.name ?? "object");
  return typeof value;
}

/**
 * Converts elements to a dtype's storage. Numbers go into float types by value; integer types take integers in range only;
 * int64 and uint64 take bigints, safe integers, or decimal strings (as JSON carries them); bool takes booleans, 0 and 1. Floats
 * also take the strings "NaN", "Infinity" and "-Infinity", which is how JSON replies carry them.
 *
 * Returns the storage, or the first element that does not fit.
 */
export function convertElements<D extends DType>(dtype: D, source: ArrayLike<unknown>): DTypeData[D] | BadElement {
  const { kind, min, max } = dtypeInfo(dtype);
  const length = source.length;
  const out = allocate(dtype, length) as unknown as Record<number, unknown>;
  for (let i = 0; i < length; i++) {
    const value = source[i];
    if (kind === "float") {
      const number = typeof value === "number" ? value : nonFinite(value);
      if (number === undefined) return bad(i, "a number", value);
      out[i] = dtype === "float16" ? toFloat16Bits(number) : number;
    } else if (kind === "integer") {
      if (typeof value !== "number") return bad(i, "an integer", value);
      if (!Number.isInteger(value)) return bad(i, "an integer", value);
      if (value < (min as number) || value > (max as number)) return range(i, dtype);
      out[i] = value;
    } else if (kind === "bigint") {
      const big = toBigInt(value);
      if (big === undefined) return bad(i, "a bigint or a safe integer", value);
      if (big < (min as bigint) || big > (max as bigint)) return range(i, dtype);
      out[i] = big;
    } else if (kind === "bool") {
      if (value === true || value === 1) out[i] = 1;
      else if (value !== false && value !== 0) return bad(i, "a boolean", value);
    } else {
      if (typeof value !== "string") return bad(i, "a string", value);
      out[i] = value;
    }
  }
  return out as unknown as DTypeData[D];
}

/** Whether a result of {@link convertElements} is a refusal. */
export function isBadElement(value: unknown): value is BadElement {
  return typeof value === "object" && value !== null && "received" in value;
}

/** The elements of a tensor as plain values: float16 by value, bool as booleans. */
export function toValues(dtype: DType, data: DTypeData[DType]): ArrayLike<number | bigint | boolean | string> {
  if (dtype === "float16") return Array.from(data as Uint16Array, fromFloat16Bits);
  if (dtype === "bool") return Array.from(data as Uint8Array, (v) => v !== 0);
  return data as ArrayLike<number>;
}

function nonFinite(value: unknown): number | undefined {
  return value === "NaN" ? Number.NaN : value === "Infinity" ? Infinity : value === "-Infinity" ? -Infinity : undefined;
}

function toBigInt(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === "string" && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}

function bad(index: number, expected: string, value: unknown): BadElement {
  return { index, expected, received: describe(value) };
}

function range(index: number, dtype: DType): BadElement {
  const { min, max } = dtypeInfo(dtype);
  return { index, expected: `${dtype} between ${min} and ${max}`, received: `out of ${dtype}'s range` };
}
