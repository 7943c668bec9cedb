import { mismatch } from "../errors/mismatch.ts";
import type { DType, DTypeData } from "../types/index.ts";
import { describe } from "./describe.ts";
import { allocate, type DTypeInfo, dtypeInfo } from "./dtypes.ts";
import { fromFloat16Bits, toFloat16Bits } from "./float16.ts";
import { indexPath, isList, maxRank, rowsOf } from "./nested.ts";

/**
 * Converts elements, in nested lists of the shape `dims`, to a dtype's storage. Numbers go into float types by value; integer types take integers
 * in range only; int64 and uint64 take bigints, safe integers, or decimal strings (as JSON carries them); bool takes booleans, 0 and 1. Floats
 * also take the strings "NaN", "Infinity" and "-Infinity", which is how JSON replies carry them. A typed array of the dtype's own class is
 * copied as it is.
 *
 * @throws InputError INPUT_SHAPE for ragged lists, INPUT_DTYPE or INPUT_VALUE for the first element that does not fit.
 */
export function convertElements<D extends DType>(dtype: D, value: unknown, dims: readonly number[], path: string): DTypeData[D] {
  const rows = rowsOf(value, dims, path);
  const info = dtypeInfo(dtype);
  const { array, kind } = info;
  const out = allocate(
    dtype,
    rows.reduce((sum, row) => sum + row.length, 0),
  ) as unknown as Record<number, unknown>;
  const half = dtype === "float16";
  let at = 0;
  for (const row of rows) {
    if (array !== undefined && kind !== "bool" && !Array.isArray(row) && row instanceof array) {
      (out as unknown as Float32Array).set(row as unknown as Float32Array, at);
      at += row.length;
      continue;
    }
    // Read once: in lists of many kinds each look at the length costs as much as an element.
    const { length } = row;
    for (let i = 0; i < length; i++) {
      const given = row[i];
      // The common case by itself: half the time.
      const element = kind === "float" && typeof given === "number" ? given : toElement(info, given);
      if (element === undefined) throw refusal(dtype, given, path + indexPath(at, dims));
      out[at++] = half ? toFloat16Bits(element as number) : element;
    }
  }
  return out as unknown as DTypeData[D];
}

/**
 * The shape that nested lists claim by the first of each level; `[]` for a lone element. It costs nothing to ask before anything is made of the
 * lists; {@link convertElements} checks the others.
 *
 * @throws InputError INPUT_SHAPE where the nesting is deeper than {@link maxRank}; INPUT_DTYPE or INPUT_VALUE for what is neither list nor element.
 */
export function shapeOf(dtype: DType, value: unknown, path: string): number[] {
  const dims: number[] = [];
  if (!isList(value)) convertElements(dtype, value, dims, path);
  for (let level = value; isList(level); level = level[0]) {
    if (dims.push(level.length) > maxRank) throw mismatch("INPUT_SHAPE", path, `at most ${maxRank} nested levels`, "deeper nesting");
  }
  return dims;
}

/** The elements of a tensor as plain values: float16 by value, bool as booleans. */
export function toValues(dtype: DType, data: DTypeData[DType]): ArrayLike<number | bigint | boolean | string> {
  if (dtype === "float16") return Array.from(data as Uint16Array, fromFloat16Bits);
  if (dtype === "bool") return Array.from(data as Uint8Array, (v) => v !== 0);
  return data as ArrayLike<number>;
}

/** An element as its dtype stores it; undefined where it does not fit. */
export function toElement(info: DTypeInfo, value: unknown): number | bigint | string | undefined {
  const { kind } = info;
  if (kind === "float") return typeof value === "string" && /^(NaN|-?Infinity)$/.test(value) ? Number(value) : undefined;
  if (kind === "string") return typeof value === "string" ? value : undefined;
  const whole = toWhole(kind, value);
  return whole !== undefined && whole >= info.min && whole <= info.max ? whole : undefined;
}

function toWhole(kind: DTypeInfo["kind"], value: unknown): number | bigint | undefined {
  if (kind === "bigint") {
    if (typeof value === "bigint") return value;
    const exact = typeof value === "string" ? /^-?\d{1,20}$/.test(value) : Number.isSafeInteger(value);
    return exact ? BigInt(value as string | number) : undefined;
  }
  if (kind === "bool" && typeof value === "boolean") return Number(value);
  return Number.isInteger(value) ? (value as number) : undefined;
}

function refusal(dtype: DType, value: unknown, path: string): Error {
  const { kind, min, max } = dtypeInfo(dtype);
  if (kind !== "string" && toWhole(kind, value) !== undefined)
    return mismatch("INPUT_VALUE", path, `${dtype} between ${min} and ${max}`, `out of ${dtype}'s range`);
  const code = isList(value) ? "INPUT_SHAPE" : typeof value === "number" && kind !== "string" ? "INPUT_VALUE" : "INPUT_DTYPE";
  return mismatch(code, path, dtype, describe(value));
}
