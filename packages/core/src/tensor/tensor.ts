import { mismatch } from "../errors/mismatch.ts";
import type { DType, NestedArray, NumericArray, TensorOf } from "../types/index.ts";
import { dtypeInfo } from "./dtypes.ts";
import { convertElements, shapeOf } from "./elements.ts";
import { maxRank } from "./nested.ts";

/** Number of elements of a shape. */
export function sizeOf(dims: readonly number[]): number {
  let size = 1;
  for (const dim of dims) size *= dim;
  return size;
}

/**
 * Makes a tensor. Storage of the dtype's own array class is used as it is, not copied; anything else is converted element by
 * element: integers must be in range, int64 takes bigints or safe integers, float16 takes numbers by value (or a Uint16Array of bits).
 *
 * @param type Element type.
 * @param data Typed array, list, or nested arrays, whose rows may be typed arrays.
 * @param dims Row-major shape. Default: the nesting of `data`, or `[data.length]`.
 * @throws InputError INPUT_DTYPE or INPUT_VALUE for an element that does not fit, INPUT_SHAPE where `dims` and length disagree.
 */
export function tensor<D extends DType>(type: D, data: NestedArray | NumericArray, dims?: readonly number[]): TensorOf<D> {
  return toTensor(type, data, dims, "data");
}

/** As {@link tensor}, with a path for its errors. */
export function toTensor<D extends DType>(type: D, data: unknown, dims: unknown, path: string): TensorOf<D> {
  const own = shapeOf(type, data, path);
  return store(type, data, own, dims === undefined ? own : checkDims(dims, path), path);
}

/**
 * Makes a tensor of what has been looked at already.
 *
 * @param own The shape that the nesting of `data` claims.
 * @param copy Whether the storage must not be the one that was given.
 */
export function store<D extends DType>(
  type: D,
  data: unknown,
  own: readonly number[],
  dims: readonly number[],
  path: string,
  copy = false,
): TensorOf<D> {
  // Asked before the elements are looked at: what is refused costs nothing.
  if (sizeOf(dims) !== sizeOf(own)) {
    throw mismatch("INPUT_SHAPE", path, `${sizeOf(dims)} elements for [${dims.join(", ")}]`, `${sizeOf(own)}`);
  }
  const { array, kind } = dtypeInfo(type);
  let out: unknown = data;
  if (array === undefined || !(data instanceof array)) out = convertElements(type, data, own, path);
  else {
    if (kind === "bool") convertElements(type, data, own, path);
    // A subclass, such as Node's Buffer, may give its methods another meaning: its slice() shares memory.
    if (copy) out = new array(data);
    else if (data.constructor !== array) out = new array(data.buffer, data.byteOffset, data.length);
  }
  return { type, data: out, dims } as TensorOf<D>;
}

/** Dims from outside, checked and copied. @throws InputError INPUT_SHAPE */
export function checkDims(dims: unknown, path: string): number[] {
  const right = Array.isArray(dims) && dims.length <= maxRank && dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
  // Dims beside a zero cost nothing to send, and a model may make something of them.
  if (!right || (sizeOf(dims) === 0 && sizeOf(dims.map((dim) => dim || 1)) > 2 ** 24))
    throw mismatch("INPUT_SHAPE", `${path}.dims`, `at most ${maxRank} whole numbers ≥ 0`, "others, or too large");
  return dims.slice();
}

/** Whether a value has a tensor's three fields. */
export function isTensorLike(value: unknown): value is { type: string; data: unknown; dims: readonly number[] } {
  return typeof value === "object" && value !== null && "dims" in value && "data" in value && "type" in value;
}
