import { defineModel, numbers, type Tensors, tensor } from "@predikt/core";
import { argmax, softmax } from "@predikt/core/postprocess";
import { z } from "zod";

/**
 * Reads one handwritten digit: 28 × 28 brightnesses, 0 (paper) to 1 (ink), row by row. `confidence` is the probability given to `digit`,
 * `probabilities` are those of 0 to 9.
 */
export const digits = defineModel({
  name: "digits",
  input: z.object({ pixels: numbers({ length: 784, min: 0, max: 1 }) }),
  output: z.object({
    digit: z.number().int().min(0).max(9),
    confidence: z.number().min(0).max(1),
    probabilities: z.array(z.number().min(0).max(1)).length(10),
  }),
  encode: ({ pixels }) => ({ image: tensor("float32", pixels, [1, 1, 28, 28]) }),
  decode: ({ logits }: Tensors<"logits">) => {
    const probabilities = softmax(logits);
    const digit = argmax(probabilities);
    return { digit, confidence: probabilities[digit] ?? 0, probabilities: [...probabilities] };
  },
  example: { pixels: new Float32Array(784) },
});
