import { defineModel, type Tensors, tensor } from "@predikt/core";
import { z } from "zod";

/** The trained line: `{ x: 3 }` in, `{ y: about 6 }` out. It holds no runtime, so a browser may import it too. */
export const line = defineModel({
  name: "linear",
  input: z.object({ x: z.number() }),
  output: z.object({ y: z.number() }),
  encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
  decode: ({ y }: Tensors<"y">) => ({ y: Number(y.data[0]) }),
  example: { x: 3 },
});
