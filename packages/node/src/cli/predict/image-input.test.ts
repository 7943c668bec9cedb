import type { TensorSpec } from "@predikt/core";
import { expect, it } from "vitest";
import { imagePlan } from "./image-input.ts";

const spec = (shape: TensorSpec["shape"], dtype: TensorSpec["dtype"] = "float32"): TensorSpec => ({ name: "image", dtype, shape });

it("takes size, layout and channels from the signature, as far as it tells them", () => {
  expect(imagePlan(spec(["batch", 3, 224, 160]), {})).toMatchObject({ width: 160, height: 224, layout: "NCHW", colors: "rgb" });
  expect(imagePlan(spec(["batch", 1, 28, 28]), {})).toMatchObject({ width: 28, height: 28, colors: "gray" });
  expect(imagePlan(spec(["batch", 299, 300, 3]), {})).toMatchObject({ width: 300, height: 299, layout: "NHWC", colors: "rgb" });
  expect(imagePlan(spec(["batch", 3, "height", "width"]), {})).toMatchObject({ width: undefined, height: undefined });
  expect(imagePlan(spec(["batch", 224, 224, 3], "uint8"), {})).not.toHaveProperty("scale");
});

it("takes what is asked for first", () => {
  const given = imagePlan(spec(["batch", 3, 224, 224]), { resize: "64x32", fit: "cover", colors: "bgr", layout: "NHWC" });
  expect(given).toMatchObject({ width: 64, height: 32, fit: "cover", colors: "bgr", layout: "NHWC" });
  expect(imagePlan(spec([1, 3, 8, 8]), { resize: "16" })).toMatchObject({ width: 16, height: 16 });
});

it("normalises by a name or by numbers", () => {
  const rgb = spec([1, 3, 8, 8]);
  expect(imagePlan(rgb, { normalize: "imagenet" })).toMatchObject({ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] });
  expect(imagePlan(rgb, { normalize: "imagenet", colors: "bgr" })).toMatchObject({ mean: [0.406, 0.456, 0.485] });
  expect(imagePlan(rgb, { normalize: "signed" })).toMatchObject({ mean: 0.5, std: 0.5 });
  expect(imagePlan(rgb, { normalize: "none", mean: "127.5", std: "1,2,3" })).toMatchObject({ scale: 1, mean: 127.5, std: [1, 2, 3] });
  expect(() => imagePlan(rgb, { mean: "1,x" })).toThrow("--mean: expected numbers");
  expect(() => imagePlan(spec([1, 1, 8, 8]), { normalize: "imagenet" })).toThrow("three channels");
  expect(() => imagePlan(spec([1, 3, 8, 8], "int64"), {})).toThrow('input "image" is int64, which no image becomes');
});
