import { createPredictor } from "@predikt/node";
import type { LayersModel } from "@tensorflow/tfjs";
import { line } from "./definition.ts";
import { points, predictions } from "./train.ts";

/** The largest difference between network and file that passes. */
export const tolerance = 1e-5;

/**
 * Asks the exported file and the trained network the same questions, inside and outside of the points learnt.
 *
 * @returns the largest difference between their answers.
 * @throws Error where it is past the {@link tolerance}.
 */
export async function compare(network: LayersModel, source: string | URL | Uint8Array): Promise<number> {
  const xs = [...points.x, 0, -1, -4.5, 0.1, 7.25, 12];
  const expected = predictions(network, xs);
  const predictor = await createPredictor(line, { source });
  try {
    const answers = await Promise.all(xs.map((x) => predictor.predict({ x })));
    const difference = Math.max(...answers.map(({ y }, i) => Math.abs(y - Number(expected[i]))));
    if (!(difference <= tolerance)) throw new Error(`the exported file differs from the trained network by ${difference}`);
    return difference;
  } finally {
    await predictor.close();
  }
}
