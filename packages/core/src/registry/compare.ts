import { isTensorLike, toValues } from "../tensor/index.ts";
import type { DType } from "../types/index.ts";

/** How two answers to one input differ. */
export interface Difference {
  readonly agrees: boolean;
  /** Sum and count of the absolute differences of all their numbers. */
  readonly sum: number;
  readonly count: number;
}

interface Stored {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];
}

/**
 * Compares two answers. They agree where strings, booleans and whole numbers are the same, lists of fractions (the rows of a tensor) have their largest in
 * the same place, and single fractions differ by at most `tolerance × max(1, |a|, |b|)`: what a classifier says counts, not how sure it is.
 */
export function differenceOf(a: unknown, b: unknown, tolerance: number): Difference {
  const tally = { agrees: true, sum: 0, count: 0 };
  compare(a, b, tolerance, tally);
  return tally;
}

function compare(a: unknown, b: unknown, tolerance: number, tally: { agrees: boolean; sum: number; count: number }): void {
  if (isNumber(a) && isNumber(b)) {
    const [x, y] = [Number(a), Number(b)];
    measure(x, y, tally);
    const whole = Number.isInteger(x) && Number.isInteger(y);
    if (whole ? a !== b : !isNear(x, y, tolerance * Math.max(1, Math.abs(x), Math.abs(y)))) tally.agrees = false;
  } else if (isList(a) && isList(b)) {
    if (a.length !== b.length) tally.agrees = false;
    else if (a.length > 1 && (isFractions(a) || isFractions(b)) && isNumbers(a) && isNumbers(b)) {
      for (let i = 0; i < a.length; i++) measure(Number(a[i]), Number(b[i]), tally);
      if (largest(a) !== largest(b)) tally.agrees = false;
    } else for (let i = 0; i < a.length; i++) compare(a[i], b[i], tolerance, tally);
  } else if (isTensorLike(a) && isTensorLike(b)) {
    // Shapes are not among the numbers that are measured.
    if (a.type !== b.type || a.dims.join() !== b.dims.join()) tally.agrees = false;
    else compare(rowsOf(a), rowsOf(b), tolerance, tally);
  } else if (isObject(a) && isObject(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) compare(a[key], b[key], tolerance, tally);
  } else if (!Object.is(a, b)) tally.agrees = false;
}

/**
 * Says where an output is not what it should be; undefined where it is. Properties that `expected` does not name are not looked at; a tensor may be
 * expected as nested or flat lists of its elements.
 */
export function deviation(expected: unknown, actual: unknown, tolerance: number, path = "output"): string | undefined {
  if (isTensorLike(actual)) {
    if (isTensorLike(expected) && kindOf(expected) !== kindOf(actual))
      return `${path}: expected ${kindOf(expected)}, got ${kindOf(actual)}`;
    const wanted = isTensorLike(expected) ? elementsOf(expected) : expected;
    const by = /float/.test(actual.type) ? tolerance : 0;
    return isList(wanted)
      ? deviationOfLists(flat(wanted), elementsOf(actual), by, path)
      : `${path}: expected ${short(expected)}, got ${kindOf(actual)}`;
  }
  if (isNumber(expected) && isNumber(actual)) {
    const [x, y] = [Number(expected), Number(actual)];
    // Class 1001 is not class 1000, whatever the tolerance; a number and a bigint compare exactly.
    const isExact = tolerance === 0 || typeof expected === "bigint" || typeof actual === "bigint";
    if (isExact && expected <= actual && expected >= actual) return undefined;
    if (isExact ? Number.isNaN(x) && Number.isNaN(y) : isNear(x, y, tolerance * Math.max(1, Math.abs(x)))) return undefined;
    return `${path}: expected ${expected}, got ${actual}${isExact ? "" : `, which is off by more than ${tolerance}`}`;
  }
  if (isList(expected) && isList(actual)) return deviationOfLists(expected, actual, tolerance, path);
  if (isObject(expected) && isObject(actual) && !isList(expected) && !isList(actual)) {
    const keys = Object.keys(expected);
    return firstOf(keys.length, (i) => {
      const key = keys[i] as string;
      return deviation(expected[key], actual[key], tolerance, `${path}.${key}`);
    });
  }
  return Object.is(expected, actual) ? undefined : `${path}: expected ${short(expected)}, got ${short(actual)}`;
}

function deviationOfLists(wanted: ArrayLike<unknown>, given: ArrayLike<unknown>, tolerance: number, path: string): string | undefined {
  if (wanted.length !== given.length) return `${path}: expected ${wanted.length} elements, got ${given.length}`;
  return firstOf(wanted.length, (i) => deviation(wanted[i], given[i], tolerance, `${path}[${i}]`));
}

function kindOf({ type, dims }: Stored): string {
  return `a tensor ${type} [${dims.join(", ")}]`;
}

/** A tensor's elements, row by row of its first axis where it has more than that one: each row is somebody's answer. */
function rowsOf({ type, data, dims }: Stored): ArrayLike<unknown> {
  const elements = elementsOf({ type, data });
  const [rows, ...rest] = dims;
  if (rows === undefined || rows < 2 || rest.length === 0) return elements;
  const size = elements.length / rows;
  return Array.from({ length: rows }, (_, row) => elements.slice(row * size, (row + 1) * size));
}

/** float16 and bool are stored as other numbers than they stand for. */
function elementsOf({ type, data }: Omit<Stored, "dims">): readonly unknown[] {
  return toValues(type as DType, data as never) as ArrayLike<unknown> as readonly unknown[];
}

function measure(x: number, y: number, tally: { sum: number; count: number }): void {
  const difference = x === y || (Number.isNaN(x) && Number.isNaN(y)) ? 0 : Math.abs(x - y);
  // An infinity or NaN on one side has no size, and would take the mean with it.
  if (!Number.isFinite(difference)) return;
  tally.sum += difference;
  tally.count++;
}

function isNear(x: number, y: number, by: number): boolean {
  return Object.is(x, y) || x === y || Math.abs(x - y) <= by;
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isNumbers(list: ArrayLike<unknown>): boolean {
  return every(list, (value) => typeof value === "number");
}

function isFractions(list: ArrayLike<unknown>): boolean {
  return !every(list, (value) => typeof value !== "number" || Number.isInteger(value));
}

function every(list: ArrayLike<unknown>, holds: (value: unknown) => boolean): boolean {
  for (let i = 0; i < list.length; i++) if (!holds(list[i])) return false;
  return true;
}

function largest(list: ArrayLike<unknown>): number {
  let at = 0;
  for (let i = 1; i < list.length; i++) if ((list[i] as number) > (list[at] as number)) at = i;
  return at;
}

function flat(list: ArrayLike<unknown>): unknown[] {
  return Array.from(list).flatMap((value) => (isList(value) ? flat(value) : [value]));
}

function firstOf(count: number, find: (index: number) => string | undefined): string | undefined {
  for (let i = 0; i < count; i++) {
    const found = find(i);
    if (found !== undefined) return found;
  }
  return undefined;
}

function short(value: unknown): string {
  const text =
    typeof value === "string" ? JSON.stringify(value) : isObject(value) ? (isList(value) ? "a list" : "an object") : String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
