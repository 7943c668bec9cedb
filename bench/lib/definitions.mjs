import { defineModel, numbers, tensor } from "@predikt/core";
import { argmax } from "@predikt/core/postprocess";
import { z } from "zod";

/** What an application would say of the model `y = 2x`. */
export const linear = defineModel({
  name: "linear",
  input: z.object({ x: z.number() }),
  output: z.object({ y: z.number() }),
  encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
  decode: ({ y }) => ({ y: y.data[0] }),
  example: { x: 3 },
});

/** What an application would say of the digit recogniser. */
export const digits = defineModel({
  name: "digits",
  input: z.object({ pixels: numbers({ length: 784 }) }),
  output: z.object({ digit: z.number().int() }),
  encode: ({ pixels }) => ({ image: tensor("float32", pixels, [1, 1, 28, 28]) }),
  decode: ({ logits }) => ({ digit: argmax(logits) }),
  example: { pixels: new Float32Array(784) },
});
