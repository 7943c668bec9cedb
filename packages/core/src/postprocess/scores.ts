import { mismatch } from "../errors/mismatch.ts";
import { describe, fromFloat16Bits } from "../tensor/index.ts";
import type { Tensor } from "../types/index.ts";

/** Scores to work on: a list, a typed array, or a float or integer tensor (float16 by value). */
export type Scores = ArrayLike<number> | Tensor;

/** The elements as numbers. @throws InputError INPUT_DTYPE where there are none, or strings or 64-bit integers. */
export function toNumbers(scores: Scores, path = "scores"): ArrayLike<number> {
  if (typeof scores !== "object" || scores === null) throw mismatch("INPUT_DTYPE", path, "numbers", describe(scores));
  if (!("dims" in scores)) {
    const { length } = scores;
    if (!Number.isSafeInteger(length) || typeof (scores[0] ?? 0) !== "number") throw mismatch("INPUT_DTYPE", path, "numbers", "others");
    return scores;
  }
  const { type, data } = scores;
  if (type === "float16") return Array.from(data, fromFloat16Bits);
  if (type === "string" || type === "int64" || type === "uint64") throw mismatch("INPUT_DTYPE", path, "numbers", `dtype ${type}`);
  return data;
}

/** Numbers of which there must be so many. @throws InputError INPUT_DTYPE, INPUT_SHAPE */
export function exactly(scores: Scores, length: number, path: string, why: string): ArrayLike<number> {
  const numbers = toNumbers(scores, path);
  if (numbers.length !== length) throw mismatch("INPUT_SHAPE", path, `${length} numbers ${why}`, `${numbers.length}`);
  return numbers;
}
