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
  const read = images.map(({ digit }, i) => {
    const answer = answers[i];
    if (answer?.status !== "fulfilled") throw answer?.reason;
    return { digit, right: answer.value.digit === digit };
  });
  const share = (some: typeof read): number => some.filter(({ right }) => right).length / some.length;
  return { total: share(read), perDigit: Array.from({ length: 10 }, (_, digit) => share(read.filter((one) => one.digit === digit))) };
}
