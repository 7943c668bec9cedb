import { mustBeWhole } from "../tensor/index.ts";
import { type Scores, toNumbers } from "./scores.ts";

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
  /** The label of that index, where labels were given and it has one. */
  readonly label?: string | undefined;
}

/**
 * The `k` largest scores, largest first; equals in their order. NaN is left out.
 *
 * @param k A whole number ≥ 0.
 * @param labels What the indices mean.
 * @throws ConfigError CONFIG_INVALID, InputError INPUT_DTYPE
 */
export function topK(scores: Scores, k: number, labels?: ArrayLike<string>): Ranked[] {
  mustBeWhole("k", k, 0);
  const ranked = Array.from(toNumbers(scores), (score, index) => ({ index, score })).filter(({ score }) => !Number.isNaN(score));
  const best = ranked.sort((a, b) => b.score - a.score || a.index - b.index).slice(0, k);
  return labels === undefined ? best : best.map((one) => ({ ...one, label: labels[one.index] }));
}
