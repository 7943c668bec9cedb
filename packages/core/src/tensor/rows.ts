import type { Tensor, Tensors } from "../types/index.ts";
import { allocate } from "./dtypes.ts";
import { sizeOf } from "./tensor.ts";

const Bare = function Bare() {} as unknown as new () => Record<string, Tensor>;
Bare.prototype = Object.create(null);

/**
 * An empty record in which any name is a plain key, `__proto__` too. Made by a constructor: an object that has no prototype at all is several times
 * slower to fill and read.
 */
export function record(): Record<string, Tensor> {
  return new Bare();
}

/** Number of rows (axis 0) that all tensors share, or undefined where one has no axis or another number. */
export function rowCount(tensors: Tensors): number | undefined {
  let rows: number | undefined;
  for (const name in tensors) {
    const first = (tensors[name] as Tensor).dims[0];
    if (first === undefined || (rows !== undefined && rows !== first)) return undefined;
    rows = first;
  }
  return rows;
}

/** What must be equal for tensors to share a batch: name, dtype and trailing shape of each input. */
export function laneKey(tensors: Tensors): string {
  let key = "";
  for (const name in tensors) {
    const { type, dims } = tensors[name] as Tensor;
    key += `${name}\u0000${type}`;
    for (let axis = 1; axis < dims.length; axis++) key += `,${dims[axis]}`;
    key += ";";
  }
  return key;
}

/** Joins tensors of one lane along axis 0. The result has storage of its own. */
export function concatRows(parts: readonly Tensors[]): Tensors {
  const joined = record();
  for (const name in parts[0]) joined[name] = concatOne(parts.map((part) => part[name] as Tensor));
  return joined;
}

function concatOne(parts: readonly Tensor[]): Tensor {
  const { type, dims } = parts[0] as Tensor;
  let rows = 0;
  let length = 0;
  for (const part of parts) {
    rows += part.dims[0] as number;
    length += part.data.length;
  }
  const data = allocate(type, length) as Float32Array;
  let offset = 0;
  for (const part of parts) {
    const source = part.data as Float32Array;
    // Strings have no set(), and for few elements it takes longer than they do.
    if (Array.isArray(data) || source.length < 8) for (let i = 0; i < source.length; i++) data[offset + i] = source[i] as number;
    else data.set(source, offset);
    offset += source.length;
  }
  return { type, data, dims: [rows, ...dims.slice(1)] } as Tensor;
}

/** Rows `from` to `from + count` of each tensor, with storage of their own: one caller's answer never shares memory with another's. */
export function copyRows(tensors: Tensors, from: number, count: number): Tensors {
  const rows = record();
  for (const name in tensors) {
    const { type, data, dims } = tensors[name] as Tensor;
    const stride = sizeOf(dims) / (dims[0] as number) || 0;
    const own = dims.slice();
    own[0] = count;
    rows[name] = { type, data: data.slice(from * stride, (from + count) * stride), dims: own } as Tensor;
  }
  return rows;
}
