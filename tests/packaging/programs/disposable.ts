// A browser's TypeScript: no types of Node, and no lib but the target's own.
import type { Predictor } from "@predikt/core";

export const end = (predictor: Predictor): Promise<void> => predictor[Symbol.asyncDispose]();
