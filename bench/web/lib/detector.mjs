import { defineModel, tensor } from "@predikt/core";
import { nonMaxSuppression } from "@predikt/core/postprocess";
import { z } from "zod";

/** An image for the detector. */
export const pixels = Float32Array.from({ length: 3 * 320 * 320 }, Math.random);

/** As for YOLO: the best class of each place, and of the boxes that overlap the best. */
export function decode({ y: { data } }) {
  const places = 1600;
  const boxes = new Float32Array(4 * places);
  const scores = new Float32Array(places).fill(-Infinity);
  const classes = new Uint8Array(places);
  for (let place = 0; place < places; place++) {
    for (let side = 0; side < 4; side++) boxes[4 * place + side] = 160 + 80 * data[side * places + place];
    for (let of = 0; of < 80; of++) {
      const score = data[(4 + of) * places + place];
      if (score <= scores[place]) continue;
      scores[place] = score;
      classes[place] = of;
    }
  }
  return nonMaxSuppression(boxes, scores, { format: "cxcywh", classes, maxBoxes: 300 });
}

/** The detector, whose run takes as long as `times` says. */
export const detector = defineModel({
  name: "detector",
  input: z.object({ pixels: z.instanceof(Float32Array), times: z.bigint() }),
  output: z.array(z.object({ index: z.number(), score: z.number(), classIndex: z.number().optional(), box: z.unknown() })),
  encode: ({ pixels: x, times }) => ({ x: tensor("float32", x, [1, 3, 320, 320]), times: tensor("int64", times) }),
  decode,
  example: { pixels, times: 1n },
});
