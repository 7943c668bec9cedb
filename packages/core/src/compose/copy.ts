import { describe, isTensorLike } from "../tensor/index.ts";
import type { NumericArray } from "../types/index.ts";
import { deepest } from "./cache-key.ts";
import { isPlain } from "./is-plain.ts";

/** A value of one's own. */
export interface Copy {
  readonly value: unknown;
  /** About how many bytes it takes. */
  readonly bytes: number;
}

/** Bytes that an engine needs for a value of its own, beside what is in it. */
const overhead = 16;

const uncopied = new Error("this value cannot be copied");

/**
 * A copy of an output that shares nothing with it: literals, lists, typed arrays, buffers, dates and tensors.
 *
 * @returns undefined where it holds anything else: functions, instances of other classes, cycles.
 */
export function copyOf(value: unknown): Copy | undefined {
  const size = { bytes: overhead };
  try {
    return { value: copy(value, size, 0), bytes: size.bytes };
  } catch {
    return undefined;
  }
}

function copy(value: unknown, size: { bytes: number }, depth: number): unknown {
  size.bytes += overhead;
  if (typeof value === "string") size.bytes += 2 * value.length;
  if (typeof value === "function" || typeof value === "symbol") throw uncopied;
  if (typeof value !== "object" || value === null) return value;
  if (depth > deepest) throw uncopied;
  if (Array.isArray(value)) return value.map((item) => copy(item, size, depth + 1));
  if (ArrayBuffer.isView(value)) return copyView(value, size);
  if (value instanceof ArrayBuffer) {
    size.bytes += value.byteLength;
    return value.slice(0);
  }
  if (value instanceof Date) return new Date(value);
  if (isPlain(value)) return copyFields(value, Object.create(Object.getPrototypeOf(value)), size, depth);
  if (isTensorLike(value)) return copyFields({ type: value.type, data: value.data, dims: value.dims }, {}, size, depth);
  throw uncopied;
}

function copyFields(value: object, fields: object, size: { bytes: number }, depth: number): object {
  for (const [key, inner] of Object.entries(value)) {
    size.bytes += 2 * key.length;
    // Defined, since an assignment to `__proto__` would do something else.
    const own = { value: copy(inner, size, depth + 1), writable: true, enumerable: true, configurable: true };
    Object.defineProperty(fields, key, own);
  }
  return fields;
}

/** A subclass, such as Node's Buffer, may give its methods another meaning: its slice() shares memory. */
function copyView(view: ArrayBufferView, size: { bytes: number }): ArrayBufferView {
  size.bytes += view.byteLength;
  const Kind = (globalThis as Record<string, unknown>)[describe(view)] as (new (elements: NumericArray) => ArrayBufferView) | undefined;
  if (view instanceof DataView || typeof Kind !== "function") throw uncopied;
  return new Kind(view as NumericArray);
}
