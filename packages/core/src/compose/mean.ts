import { DefinitionError } from "../errors/index.ts";
import { describe, fromFloat16Bits, isTensorLike, toFloat16Bits } from "../tensor/index.ts";
import type { Tensor } from "../types/index.ts";
import { isPlain } from "./is-plain.ts";

type Floats = Float32Array | Float64Array;

/**
 * The weighted mean of values of one shape, part by part: numbers, arrays, float arrays, float tensors and objects of such. Sums are made in double
 * precision. What has no mean (strings, booleans, elements of integer arrays and tensors) must be the same in all.
 *
 * @throws DefinitionError OUTPUT_INVALID naming the first part that differs in kind or shape
 */
export function mean(values: readonly unknown[], weights: readonly number[], path = "output"): unknown {
  const first = values[0];
  if (typeof first === "number") {
    if (values.every((value) => typeof value === "number")) return meanOf(values, weights);
    throw differing(path, "numbers", values);
  }
  if (ArrayBuffer.isView(first)) return meanOfViews(values, weights, path);
  if (Array.isArray(first)) {
    const lists = all(values, path, "lists of one length", (value) => Array.isArray(value) && value.length === first.length);
    return first.map((_, i) => {
      const column = (lists as unknown[][]).map((list) => list[i]);
      // The common case by itself: a path for each element costs more than its mean.
      return column.every((value) => typeof value === "number") ? meanOf(column, weights) : mean(column, weights, `${path}[${i}]`);
    });
  }
  if (isTensorLike(first)) return meanOfTensors(values, weights, path);
  if (typeof first === "object" && first !== null && isPlain(first)) {
    const keys = Object.keys(first);
    const same = (value: unknown): boolean =>
      typeof value === "object" &&
      value !== null &&
      Object.keys(value).length === keys.length &&
      keys.every((key) => Object.hasOwn(value, key));
    const records = all(values, path, "objects with the same fields", same) as Record<string, unknown>[];
    return Object.fromEntries(
      keys.map((key) => [
        key,
        mean(
          records.map((record) => record[key]),
          weights,
          `${path}.${key}`,
        ),
      ]),
    );
  }
  all(values, path, "the same in all members, since it has no mean", (value) => Object.is(value, first));
  return first;
}

function meanOf(values: readonly number[], weights: readonly number[]): number {
  let sum = 0;
  let weight = 0;
  for (let i = 0; i < values.length; i++) {
    sum += (values[i] as number) * (weights[i] as number);
    weight += weights[i] as number;
  }
  return sum / weight;
}

function meanOfViews(values: readonly unknown[], weights: readonly number[], path: string): unknown {
  const first = values[0] as ArrayBufferView;
  const { length } = first as Floats;
  const kind = describe(first);
  const views = all(values, path, `${kind} of one length`, (value) => describe(value) === kind && (value as Floats).length === length);
  if (first instanceof Float32Array || first instanceof Float64Array) {
    const sums = sumsOf(views as Floats[], weights, (value) => value);
    return first instanceof Float32Array ? Float32Array.from(sums) : sums;
  }
  const same = (value: unknown): boolean => (first as Iterable<unknown> & Floats).every((element, i) => element === (value as Floats)[i]);
  all(views, path, "the same in all members, since integers have no mean", same);
  return (first as Floats).slice();
}

function meanOfTensors(values: readonly unknown[], weights: readonly number[], path: string): Tensor {
  const first = values[0] as Tensor;
  const shape = first.dims.join();
  const same = (value: unknown): boolean => isTensorLike(value) && value.type === first.type && value.dims.join() === shape;
  const tensors = all(values, path, "tensors of one dtype and shape", same) as Tensor[];
  const { type, dims } = first;
  const data = tensors.map((tensor) => tensor.data);
  if (type !== "float16") return { type, data: mean(data, weights, path), dims: [...dims] } as Tensor;
  const sums = sumsOf(data as Uint16Array[], weights, fromFloat16Bits);
  return { type, data: Uint16Array.from(sums, toFloat16Bits), dims: [...dims] };
}

/** Means of each element, in double precision. */
function sumsOf(arrays: readonly ArrayLike<number>[], weights: readonly number[], read: (element: number) => number): Float64Array {
  const means = new Float64Array((arrays[0] as ArrayLike<number>).length);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, array] of arrays.entries()) {
    const weight = weights[index] as number;
    for (let i = 0; i < means.length; i++) (means[i] as number) += read(array[i] as number) * weight;
  }
  for (let i = 0; i < means.length; i++) (means[i] as number) /= total;
  return means;
}

function all(values: readonly unknown[], path: string, expected: string, right: (value: unknown) => boolean): readonly unknown[] {
  if (values.every(right)) return values;
  throw differing(path, expected, values);
}

function differing(path: string, expected: string, values: readonly unknown[]): DefinitionError {
  const received = [...new Set(values.map(describe))].join(" and ");
  return new DefinitionError("OUTPUT_INVALID", `mean of ${path}: expected ${expected}, got ${received}`);
}
