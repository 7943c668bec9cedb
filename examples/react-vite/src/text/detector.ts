import { defineModel, type Tensor, type Tensors } from "@predikt/core";
import { textBoxes } from "@predikt/core/postprocess";
import { type ImageLike, imageTensor } from "@predikt/core/preprocess";
import { z } from "zod";

/** Sides that the detector takes are multiples of this; larger images are brought to the limit. */
const [step, limit] = [32, 960];

/** The size at which the detector sees an image. */
export function detectorSize({ width, height }: Pick<ImageLike, "width" | "height">): { readonly width: number; readonly height: number } {
  const scale = Math.min(1, limit / Math.max(width, height));
  const side = (pixels: number): number => Math.max(step, Math.round((pixels * scale) / step) * step);
  return { width: side(width), height: side(height) };
}

const point = z.tuple([z.number(), z.number()]);

/** Finds text: the corners of each line, in pixels of {@link detectorSize}, and how sure it is. PP-OCRv4 of PaddleOCR. */
export const detector = defineModel({
  name: "text-detector",
  input: z.object({ image: z.custom<ImageLike>() }),
  output: z.array(z.object({ points: z.tuple([point, point, point, point]), score: z.number() })),
  encode: ({ image }) => ({
    // PaddleOCR reads images as blue, green, red, and gives them the means of red, green, blue all the same.
    x: imageTensor(image, { ...detectorSize(image), colors: "bgr", mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }),
  }),
  decode: (outputs: Tensors) => {
    const [map] = Object.values(outputs) as [Tensor];
    const [height = 0, width = 0] = map.dims.slice(-2);
    return textBoxes(map, { width, height }).map(({ points, score }) => ({ points: points.map(([x, y]) => [x, y]) as never, score }));
  },
  example: { image: { data: new Uint8Array(64 * 64 * 3).fill(255), width: 64, height: 64, channels: 3 } },
});
