import { describe, expect, it } from "vitest";
import reference from "../../test/reference/images.json";
import { furthest, unpackImage } from "../../test/reference/read.ts";
import { checkImage } from "./check-image.ts";
import { type ImageLike, type ResizeOptions, resize } from "./index.ts";

const picture = (name: string) => unpackImage(reference.pictures[name as "rgb"]);

describe("resize", () => {
  it.each(
    reference.resized.map((one) => {
      const { image, resample, antialias, pixels } = one;
      return [`${image} to ${pixels.shape[1]} × ${pixels.shape[0]}, ${resample}, ${antialias ? "as Pillow" : "as OpenCV"}`, one] as const;
    }),
  )("%s", (_name, { image, resample, antialias, pixels }) => {
    const expected = unpackImage(pixels);
    const out = resize(picture(image), {
      ...{ width: expected.width, height: expected.height, antialias },
      resample: resample as "bilinear",
    });
    expect(out).toMatchObject({ width: expected.width, height: expected.height, channels: expected.channels });
    // Both round to bytes, in fixed point of different widths: one level beside is as good.
    expect(furthest(out.data, expected.data)).toBeLessThanOrEqual(antialias && resample === "nearest" ? 0 : 1);
  });

  it("keeps the shape where one side is given, gives an ImageData its own class back", () => {
    const image: ImageLike = { data: new Uint8ClampedArray(4 * 2 * 4).fill(255), width: 4, height: 2 };
    const out = resize(image, { width: 8 });
    expect(out).toMatchObject({ width: 8, height: 4, channels: 4 });
    expect(out.data).toBeInstanceOf(Uint8ClampedArray);
    expect(new Set(out.data)).toEqual(new Set([255]));
  });

  it("does not let the colour of what is transparent show", () => {
    const data = new Uint8Array([255, 0, 0, 255, 0, 255, 0, 0]);
    const { data: out } = resize({ data, width: 2, height: 1 }, { width: 1, height: 1 });
    expect(Array.from(out)).toEqual([255, 0, 0, 128]);
  });

  it("leaves an image that has the size already as it is", () => {
    const image = picture("rgb");
    for (const resample of ["nearest", "bilinear", "bicubic", "lanczos"] as const) {
      for (const antialias of [true, false])
        expect(resize(image, { width: 23, height: 17, resample, antialias }).data).toEqual(new Uint8ClampedArray(image.data));
    }
  });

  it.each<[string, object, string]>([
    ["no size", {}, "width"],
    ["a width of 0", { width: 0 }, "width"],
    ["a width of NaN", { width: Number.NaN }, "width"],
    ["a fraction", { height: 1.5 }, "height"],
    ["a width too large", { width: 40_000 }, "width"],
    ["too many pixels", { width: 32_768, height: 32_768 }, "width"],
    ["an unknown kernel", { width: 1, resample: "cubic" }, "resample"],
    ["antialias as text", { width: 1, antialias: "yes" }, "antialias"],
    ["an unknown name", { width: 1, interpolation: "linear" }, "options.interpolation"],
  ])("refuses %s with CONFIG_INVALID", (_what, options, path) => {
    expect(() => resize(picture("rgb"), options as ResizeOptions)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path }) }),
    );
  });
});

describe("an image", () => {
  const data = new Uint8Array(12);
  it.each<[string, unknown, string]>([
    ["is nothing", undefined, "INPUT_DTYPE"],
    ["has no bytes", { width: 1, height: 1 }, "INPUT_DTYPE"],
    ["has floats", { data: new Float32Array(4), width: 1, height: 1 }, "INPUT_DTYPE"],
    ["has a width of NaN", { data, width: Number.NaN, height: 1 }, "INPUT_SHAPE"],
    ["has a height of 0", { data, width: 3, height: 0 }, "INPUT_SHAPE"],
    ["has two channels", { data, width: 3, height: 2, channels: 2 }, "INPUT_SHAPE"],
    ["is too short", { data, width: 3, height: 2, channels: 3 }, "INPUT_SHAPE"],
    ["is RGB and does not say so", { data, width: 2, height: 2 }, "INPUT_SHAPE"],
  ])("that %s is refused", (_what, image, code) => {
    expect(() => resize(image as ImageLike, { width: 1 })).toThrow(expect.objectContaining({ code }));
  });

  it("is not copied to be looked at", () => {
    expect(checkImage({ data, width: 2, height: 2, channels: 3 }).data.buffer).toBe(data.buffer);
  });
});
