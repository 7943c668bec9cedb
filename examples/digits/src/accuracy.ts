import type { Labelled } from "./images.ts";

/** What {@link accuracyOn} needs of a predictor. */
interface Reader {
  predictMany(inputs: readonly { pixels: Float32Array }[]): Promise<PromiseSettledResult<{ digit: number }>[]>;
}

/** How a model did. */
export interface Accuracy {
  /** Share of all images that were read right, 0 to 1. */
  readonly total: number;
  /** The same for each digit, 0 first. */
  readonly perDigit: readonly number[];
}

/** Reads all images and counts what is right. @throws what the first prediction that failed threw */
export async function accuracyOn(images: readonly Labelled[], reader: Reader): Promise<Accuracy> {
  const answers = await reader.predictMany(images);
  const right = new Array<number>(10).fill(0);
  const all = new Array<number>(10).fill(0);
  for (const [i, answer] of answers.entries()) {
    if (answer.status === "rejected") throw answer.reason;
    const { digit } = images[i];
    all[digit]++;
    if (answer.value.digit === digit) right[digit]++;
  }
  return { total: right.reduce((sum, n) => sum + n) / images.length, perDigit: right.map((n, digit) => n / all[digit]) };
}
