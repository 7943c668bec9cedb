import { expectTypeOf, test } from "vitest";
import type { TensorOf } from "../types/index.ts";
import { type ImageLike, imageTensor, type PixelImage } from "./index.ts";

test("an ImageData is an image, as is a PixelImage", () => {
  expectTypeOf<ImageData>().toExtend<ImageLike>();
  expectTypeOf<PixelImage>().toExtend<ImageLike>();
  expectTypeOf<ImageLike>().not.toExtend<PixelImage>();
});

test("the dtype decides the tensor", () => {
  const image: ImageLike = { data: new Uint8Array(4), width: 1, height: 1 };
  expectTypeOf(imageTensor(image)).toEqualTypeOf<TensorOf<"float32">>();
  expectTypeOf(imageTensor(image, { layout: "NHWC" })).toEqualTypeOf<TensorOf<"float32">>();
  expectTypeOf(imageTensor(image, { dtype: "uint8" })).toEqualTypeOf<TensorOf<"uint8">>();
});
