import { describe, expect, it } from "vitest";
import reference from "../../test/reference/images.json";
import { furthest, unpack, unpackImage } from "../../test/reference/read.ts";
import { fromFloat16Bits } from "../tensor/index.ts";
import { crop, type ImageTensorOptions, imageTensor, letterbox, resize } from "./index.ts";

const picture = (name: string) => unpackImage(reference.pictures[name as "rgb"]);
const large = picture("large");

describe("imageTensor", () => {
  it.each(reference.tensors.map((one) => [`${one.image} ${JSON.stringify(one.options)}`, one] as const))("as NumPy: %s", (_name, one) => {
    const options = one.options as ImageTensorOptions;
    const { type, data, dims } = imageTensor(picture(one.image), options);
    expect(type).toBe(options.dtype ?? "float32");
    expect(dims).toEqual(one.tensor.shape);
    const values = (array: ArrayLike<number>) => (type === "float16" ? Array.from(array, fromFloat16Bits) : array);
    // A resized level, and one laid over a colour, may be one beside; of 255 and with a std of 0.5 here.
    const tolerance = type === "uint8" ? 1 : type === "float16" ? 2 ** -9 : options.width === undefined ? 1e-4 : 2.01 / 255;
    expect(furthest(values(data), values(unpack(one.tensor)))).toBeLessThanOrEqual(tolerance);
  });

  it.each(reference.covered.map((one) => [one.pixels.shape.slice(0, 2).join(" × "), one] as const))(
    "covers as Pillow's ImageOps.fit, %s",
    (_size, { pixels }) => {
      const expected = unpackImage(pixels);
      const { data } = imageTensor(large, {
        ...{ width: expected.width, height: expected.height },
        ...{ fit: "cover", resample: "bicubic", dtype: "uint8", layout: "NHWC" },
      });
      expect(furthest(data, expected.data)).toBeLessThanOrEqual(1);
    },
  );

  it("contains as letterbox, in every layout", () => {
    for (const [width, height] of [
      [32, 32],
      [15, 40],
    ] as const) {
      const { image } = letterbox(large, { width, height, background: [10, 20, 30] });
      for (const layout of ["NCHW", "NHWC"] as const) {
        for (const colors of ["rgb", "bgr", "gray"] as const) {
          const options = { layout, colors, mean: 0.25, std: 2 };
          const fitted = imageTensor(large, { ...options, width, height, fit: "contain", background: [10, 20, 30] });
          expect(fitted).toEqual(imageTensor(image, options));
        }
      }
    }
  });

  it("cuts without scaling where no scaling is needed", () => {
    const { data } = imageTensor(large, { width: 47, height: 47, fit: "cover", dtype: "uint8", layout: "NHWC" });
    expect(data).toEqual(new Uint8Array(crop(large, { left: 7, width: 47, height: 47 }).data));
  });

  it("keeps the shape where one side is given", () => {
    expect(imageTensor(large, { height: 94 }).dims).toEqual([1, 3, 94, 122]);
  });

  it("takes RGBA that is opaque as RGB, and a view into a larger buffer", () => {
    const bytes = new Uint8ClampedArray(8 + 61 * 47 * 4).fill(255);
    const data = bytes.subarray(8);
    for (let i = 0; i < 61 * 47; i++) data.set(large.data.subarray(i * 3, i * 3 + 3), i * 4);
    const rgba = { data, width: 61, height: 47 };
    for (const options of [{}, { width: 20, height: 20 }, { width: 20, height: 20, resample: "nearest" }, { colors: "gray" }] as const) {
      expect(imageTensor(rgba, options)).toEqual(imageTensor(large, options));
    }
    expect(resize(rgba, { width: 20 }).data.filter((_, i) => i % 4 === 3)).toEqual(new Uint8ClampedArray(20 * 15).fill(255));
  });

  it.each<[ImageTensorOptions, string]>([
    [{ std: 0 }, "std"],
    [{ std: [1, 1, 0] }, "std"],
    [{ mean: [1, 2] }, "mean"],
    [{ mean: Number.NaN }, "mean"],
    [{ scale: Number.POSITIVE_INFINITY }, "scale"],
    [{ dtype: "uint8", mean: 0 }, "mean"],
    [{ dtype: "int8" as never }, "dtype"],
    [{ layout: "CHW" as never }, "layout"],
    [{ colors: "rgba" as never }, "colors"],
    [{ fit: "fill" as never }, "fit"],
    [{ background: [0, 0] as never }, "background"],
    [{ background: -1 }, "background"],
    [{ width: -1 }, "width"],
    [{ size: 224 } as never, "options.size"],
  ])("refuses %j with CONFIG_INVALID", (options, path) => {
    expect(() => imageTensor(large, options)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path }) }),
    );
  });
});
