import type { Tensor, Tensors } from "../types/index.ts";
import { allocate } from "./dtypes.ts";
import { sizeOf } from "./tensor.ts";

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
  const first = parts[0] as Tensors;
  const joined: Record<string, Tensor> = {};
  for (const name in first) joined[name] = concatOne(parts, name);
  return joined;
}

function concatOne(parts: readonly Tensors[], name: string): Tensor {
  const { type, dims } = (parts[0] as Tensors)[name] as Tensor;
  let rows = 0;
  let length = 0;
  for (let i = 0; i < parts.length; i++) {
    const part = (parts[i] as Tensors)[name] as Tensor;
    rows += part.dims[0] as number;
    length += part.data.length;
  }
  const data = allocate(type, length);
  let offset = 0;
  for (let i = 0; i < parts.length; i++) {
    const source = ((parts[i] as Tensors)[name] as Tensor).data;
    if (Array.isArray(data)) for (let k = 0; k < source.length; k++) data[offset + k] = source[k] as string;
    else if (source.length === 1) (data as Float32Array)[offset] = source[0] as number;
    else (data as Float32Array).set(source as Float32Array, offset);
    offset += source.length;
  }
  return { type, data, dims: [rows, ...dims.slice(1)] } as Tensor;
}

/** Rows `from` to `from + count` of each tensor, with storage of their own: one caller's answer never shares memory with another's. */
export function copyRows(tensors: Tensors, from: number, count: number): Tensors {
  const rows: Record<string, Tensor> = {};
  for (const name in tensors) {
    const { type, data, dims } = tensors[name] as Tensor;
    const stride = sizeOf(dims) / (dims[0] as number) || 0;
    const part = data.slice(from * stride, (from + count) * stride);
    rows[name] = { type, data: part, dims: dims.length === 1 ? [count] : [count, ...dims.slice(1)] } as Tensor;
  }
  return rows;
}
