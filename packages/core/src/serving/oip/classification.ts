import { mismatch } from "../../errors/mismatch.ts";
import { describe, sizeOf, toValues } from "../../tensor/index.ts";
import type { Tensor } from "../../types/index.ts";

/**
 * The best `count` classes of each row, as the classification extension has them: text "value:index" of the shape [rows, count], best first. A tensor of
 * one dimension or none is one row.
 *
 * @param path Where the parameter stands.
 * @throws InputError INPUT_VALUE where the count is no whole number ≥ 1, INPUT_DTYPE where the output has no numbers.
 */
export function classify({ type, data, dims }: Tensor, count: unknown, path: string): Tensor {
  if (!Number.isSafeInteger(count) || (count as number) < 1) throw mismatch("INPUT_VALUE", path, "a whole number ≥ 1", describe(count));
  if (type === "string" || type === "bool") throw mismatch("INPUT_DTYPE", path, "an output of numbers", `one of ${type}`);
  const rows = dims.length < 2 ? 1 : (dims[0] as number);
  const classes = rows === 0 ? 0 : sizeOf(dims) / rows;
  const most = Math.min(count as number, classes);
  const values = toValues(type, data) as ArrayLike<number | bigint>;
  const texts: string[] = [];
  for (let row = 0; row < rows; row++) {
    const at = row * classes;
    const order = Array.from({ length: classes }, (_, index) => index).sort((a, b) => descending(values, at + a, at + b) || a - b);
    for (const index of order.slice(0, most)) texts.push(`${values[at + index]}:${index}`);
  }
  return { type: "string", data: texts, dims: dims.length < 2 ? [most] : [rows, most] };
}

/** NaN comes last. */
function descending(values: ArrayLike<number | bigint>, a: number, b: number): number {
  const [left, right] = [values[a] as number, values[b] as number];
  if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  return left < right ? 1 : left > right ? -1 : 0;
}
