import { mismatch } from "../errors/mismatch.ts";
import type { DType, DTypeData, NestedArray, NumericArray, TensorOf } from "../types/index.ts";
import { dtypeInfo } from "./dtypes.ts";
import { convertElements, describe, isBadElement } from "./elements.ts";
import { flatten } from "./flatten.ts";

/** Number of elements of a shape. */
export function sizeOf(dims: readonly number[]): number {
  let size = 1;
  for (let i = 0; i < dims.length; i++) size *= dims[i] as number;
  return size;
}

/**
 * Makes a tensor. Storage of the dtype's own array class is used as it is, not copied; anything else is converted element by
 * element: integers must be in range, int64 takes bigints or safe integers, float16 takes numbers by value (or a Uint16Array of bits).
 *
 * @param type Element type.
 * @param data Typed array, list, or nested arrays.
 * @param dims Row-major shape. Default: the nesting of `data`, or `[data.length]`.
 * @throws InputError INPUT_DTYPE or INPUT_VALUE for an element that does not fit, INPUT_SHAPE where `dims` and length disagree.
 */
export function tensor<D extends DType>(type: D, data: NestedArray | NumericArray, dims?: readonly number[]): TensorOf<D> {
  return { type, ...toStorage(type, data, dims, "data") };
}

/** As {@link tensor}, with a path for its errors. */
export function toStorage<D extends DType>(
  type: D,
  data: unknown,
  dims: readonly number[] | undefined,
  path: string,
): { data: DTypeData[D]; dims: readonly number[] } {
  const { array, kind } = dtypeInfo(type);
  if (array !== undefined && data instanceof array) {
    if (kind === "bool") assertBits(data as Uint8Array, path);
    // A subclass, such as Node's Buffer, may give its methods another meaning: its slice() shares memory.
    const own = data.constructor === array ? data : new array(data.buffer, data.byteOffset, data.length);
    return { data: own as unknown as DTypeData[D], dims: checkDims(dims ?? [data.length], data.length, path) };
  }
  const flat = ArrayBuffer.isView(data)
    ? { data: data as unknown as ArrayLike<unknown>, dims: [(data as Uint8Array).length] }
    : flatten(data as NestedArray, path);
  const out = convertElements(type, flat.data);
  if (isBadElement(out)) {
    const where = flat.dims.length === 0 ? path : `${path}${indexPath(out.index, flat.dims)}`;
    const wrongType =
      out.expected === "a string" || (!out.received.startsWith("out of") && !/NaN|infinity|fraction|integer/.test(out.received));
    throw mismatch(wrongType ? "INPUT_DTYPE" : "INPUT_VALUE", where, out.expected, out.received);
  }
  const length = (out as ArrayLike<unknown>).length;
  return { data: out, dims: checkDims(dims ?? flat.dims, length, path) };
}

function assertBits(data: Uint8Array, path: string): void {
  for (let i = 0; i < data.length; i++) {
    if ((data[i] as number) > 1) throw mismatch("INPUT_VALUE", `${path}[${i}]`, "0 or 1", "out of bool's range");
  }
}

function checkDims(dims: readonly number[], length: number, path: string): readonly number[] {
  for (let axis = 0; axis < dims.length; axis++) {
    const dim = dims[axis] as number;
    if (!Number.isSafeInteger(dim) || dim < 0) {
      throw mismatch("INPUT_SHAPE", `${path}.dims[${axis}]`, "a whole number ≥ 0", describe(dim));
    }
  }
  if (sizeOf(dims) !== length) {
    throw mismatch("INPUT_SHAPE", path, `${sizeOf(dims)} elements for [${dims.join(", ")}]`, `${length}`);
  }
  return dims;
}

function indexPath(index: number, dims: readonly number[]): string {
  let rest = index;
  let path = "";
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const dim = dims[axis] as number;
    path = `[${rest % dim}]${path}`;
    rest = Math.floor(rest / dim);
  }
  return path;
}

/** Whether a value has a tensor's three fields. */
export function isTensorLike(value: unknown): value is { type: string; data: unknown; dims: readonly number[] } {
  return typeof value === "object" && value !== null && "dims" in value && "data" in value && "type" in value;
}
