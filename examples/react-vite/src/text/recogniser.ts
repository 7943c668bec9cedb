import { defineModel, type Tensor, type Tensors } from "@predikt/core";
import { ctcGreedyDecode } from "@predikt/core/postprocess";
import { type ImageLike, imageTensor } from "@predikt/core/preprocess";
import keys from "ocr-models/ppocr_keys_v1.txt?raw";
import { z } from "zod";

const height = 48;
/** The blank first, the space last, as PaddleOCR has them. */
const classes = ["", ...keys.trimEnd().split("\n"), " "];

/** Reads one line of text, which must fill its image. PP-OCRv4 of PaddleOCR, Chinese and English. */
export const recogniser = defineModel({
  name: "text-recogniser",
  input: z.object({ image: z.custom<ImageLike>() }),
  output: z.object({ text: z.string(), confidence: z.number().min(0).max(1) }),
  encode: ({ image }) => {
    const width = Math.max(16, Math.ceil((height * image.width) / image.height));
    return { x: imageTensor(image, { width, height, colors: "bgr", mean: 0.5, std: 0.5 }) };
  },
  decode: (outputs: Tensors) => {
    const [scores] = Object.values(outputs) as [Tensor];
    const { text, confidence } = ctcGreedyDecode(scores, { classes });
    return { text, confidence };
  },
  example: { image: { data: new Uint8Array(height * 96 * 3).fill(255), width: 96, height, channels: 3 } },
});
