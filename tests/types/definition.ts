import { type Definition, defineModel, tensor } from "@predikt/core";
import { z } from "zod";

/** A definition whose types are known exactly. */
export const definition: Definition<{ pixels: number[] }, { digit: number }> = defineModel({
  name: "digits",
  input: z.object({ pixels: z.array(z.number()) }),
  output: z.object({ digit: z.number().int() }),
  encode: ({ pixels }) => ({ image: tensor("float32", pixels, [1, 784]) }),
  decode: ({ logits }) => ({ digit: Number(logits?.data[0]) }),
  example: { pixels: Array.from({ length: 784 }, () => 0) },
});
