import { type Scores, toNumbers } from "./scores.ts";

/** Each score as a probability by itself: 1 / (1 + exp(−s)), the logistic function. @throws InputError INPUT_DTYPE */
export function sigmoid(scores: Scores): Float32Array {
  const numbers = toNumbers(scores);
  const out = new Float32Array(numbers.length);
  for (let i = 0; i < out.length; i++) out[i] = 1 / (1 + Math.exp(-(numbers[i] as number)));
  return out;
}
