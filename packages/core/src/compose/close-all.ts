import type { AnyPredictor } from "../types/index.ts";

/** Closes each predictor once, all of them whatever becomes of one. Rejects with what the first failed one said. */
export async function closeAll(predictors: readonly AnyPredictor[]): Promise<void> {
  const settled = await Promise.allSettled([...new Set(predictors)].map((predictor) => predictor.close()));
  for (const result of settled) if (result.status === "rejected") throw result.reason;
}
