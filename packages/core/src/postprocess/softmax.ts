import { fromFloat16Bits } from "../tensor/index.ts";
import type { Tensor } from "../types/index.ts";

/** Scores to work on: a list, a typed array, or a float or integer tensor (float16 by value). */
export type Scores = ArrayLike<number> | Tensor;

/** The elements as numbers. @throws TypeError where the tensor holds strings or 64-bit integers. */
export function toNumbers(scores: Scores): ArrayLike<number> {
  if (!("dims" in scores)) return scores;
  const { type, data } = scores;
  if (type === "float16") return Array.from(data, fromFloat16Bits);
  if (type === "string" || type === "int64" || type === "uint64") throw new TypeError(`scores of dtype ${type} are not numbers`);
  return data;
}

/**
 * Probabilities that sum to 1: exp(sᵢ − max s) / Σ exp(sⱼ − max s) (Goodfellow et al., Deep Learning, section 4.1). Empty scores give an
 * empty array.
 */
export function softmax(scores: Scores): Float32Array {
  const numbers = toNumbers(scores);
  const out = new Float32Array(numbers.length);
  const top = numbers[argmax(numbers)] ?? 0;
  let sum = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = Math.exp((numbers[i] as number) - top);
    sum += out[i] as number;
  }
  for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) / sum;
  return out;
}

/** Index of the largest score, the first of equals; −1 where there are none. NaN is never the largest. */
export function argmax(scores: Scores): number {
  const numbers = toNumbers(scores);
  let best = -1;
  for (let i = 0; i < numbers.length; i++) {
    const score = numbers[i] as number;
    if (!Number.isNaN(score) && (best < 0 || score > (numbers[best] as number))) best = i;
  }
  return best;
}

/** A score and where it stood. */
export interface Ranked {
  readonly index: number;
  readonly score: number;
}

/** The `k` largest scores, largest first; equals in their order. NaN is left out. */
export function topK(scores: Scores, k: number): Ranked[] {
  const ranked = Array.from(toNumbers(scores), (score, index) => ({ index, score })).filter(({ score }) => !Number.isNaN(score));
  return ranked.sort((a, b) => b.score - a.score || a.index - b.index).slice(0, k);
}
