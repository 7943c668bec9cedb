import { isTensorLike, toValues } from "../../tensor/index.ts";
import type { DType, Tensor } from "../../types/index.ts";

/**
 * Turns a value into what JSON can carry, and returns the same object where nothing needs to change: typed arrays become arrays,
 * tensors become `{ type, dims, data }`, a bigint becomes a number where that is exact and a decimal string elsewhere, and NaN and the
 * infinities become the strings "NaN", "Infinity" and "-Infinity", which inputs may carry too. −0 becomes 0, as `JSON.stringify` has it; binary bodies
 * keep it.
 */
export function toPlain(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint") return fromBigInt(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return plainList(value);
  if (ArrayBuffer.isView(value)) return value instanceof DataView ? value : Array.from(value as Float32Array, toPlain);
  if (isTensorLike(value) && Array.isArray(value.dims)) return plainTensor(value as Tensor);
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") return value;
  return plainRecord(value as Record<string, unknown>);
}

/** JSON text of a value, by the rules of {@link toPlain}. */
export function toJson(value: unknown): string {
  return JSON.stringify(toPlain(value)) ?? "null";
}

function fromBigInt(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

function plainList(list: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const plain = toPlain(list[i]);
    if (plain !== list[i]) {
      copy ??= list.slice();
      copy[i] = plain;
    }
  }
  return copy ?? list;
}

function plainRecord(record: Record<string, unknown>): unknown {
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(record)) {
    const value = record[key];
    const plain = toPlain(value);
    if (plain !== value) {
      copy ??= { ...record };
      Object.defineProperty(copy, key, { value: plain, enumerable: true, configurable: true, writable: true });
    }
  }
  return copy ?? record;
}

function plainTensor(tensor: Tensor): unknown {
  const { type, dims, data } = tensor;
  return { type, dims, data: Array.from(toValues(type as DType, data), toPlain) };
}
