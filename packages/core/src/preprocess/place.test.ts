import fc from "fast-check";
import { describe, expect, it } from "vitest";
import reference from "../../test/reference/images.json";
import { furthest, unpackImage } from "../../test/reference/read.ts";
import { mapBoxes, mapPoints } from "../postprocess/index.ts";
import { centerCrop, crop, type FitOptions, letterbox, pad, placement } from "./index.ts";

const picture = (name: string) => unpackImage(reference.pictures[name as "rgb"]);
const invalid = (path: string) => expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path }) });

describe("letterbox", () => {
  it.each(reference.letterboxed.map((one) => [one.pixels.shape.slice(0, 2).join(" × "), one] as const))("as YOLO's, %s", (_size, one) => {
    const expected = unpackImage(one.pixels);
    const { image, placement: place } = letterbox(picture(one.image), { width: expected.width, height: expected.height });
    expect(furthest(image.data, expected.data)).toBeLessThanOrEqual(1);
    expect(place).toMatchObject({ sourceWidth: 61, sourceHeight: 47, offsetX: one.left, offsetY: one.top });
    expect([place.scaleX * 61, place.scaleY * 47]).toEqual(one.inner.map((side) => expect.closeTo(side, 9)));
  });

  it("pads with a colour, opaque where there is alpha", () => {
    const red = { data: new Uint8Array([255, 0, 0, 255]), width: 1, height: 1 };
    const { image } = letterbox(red, { width: 3, height: 1, background: [0, 0, 255] });
    expect(Array.from(image.data)).toEqual([0, 0, 255, 255, 255, 0, 0, 255, 0, 0, 255, 255]);
    expect(() => letterbox(red, { width: 3, height: 1, background: 256 })).toThrow(invalid("background"));
    expect(() => letterbox(red, { width: 3 } as never)).toThrow(invalid("height"));
  });
});

const side = fc.integer({ min: 1, max: 3000 });
const fit = fc.constantFrom<FitOptions["fit"]>("stretch", "cover", "contain");

describe("placement", () => {
  it("brings boxes and points back, whatever the fit", () => {
    const inside = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(side, side, side, side, fit, inside, inside, (width, height, toWidth, toHeight, how, u, v) => {
        const place = placement({ width, height }, { width: toWidth, height: toHeight, fit: how });
        const [x, y] = [u * width, v * height];
        const there = [x * place.scaleX + place.offsetX, y * place.scaleY + place.offsetY] as const;
        const [[backX, backY] = [], box = []] = [...mapPoints([there], place), ...mapBoxes([[...there, ...there]], place)];
        expect(Math.abs(Number(backX) - x)).toBeLessThan(1e-6);
        expect(Math.abs(Number(backY) - y)).toBeLessThan(1e-6);
        expect(box).toEqual([backX, backY, backX, backY]);
        if (how !== "cover") {
          expect(Math.min(...there)).toBeGreaterThan(-1e-6);
          expect(there[0]).toBeLessThan(toWidth + 1e-6);
        }
      }),
    );
  });

  it("cuts off what lies outside of the original", () => {
    const place = placement({ width: 100, height: 50 }, { width: 100, height: 100, fit: "contain" });
    expect(place).toMatchObject({ scaleX: 1, scaleY: 1, offsetX: 0, offsetY: 25 });
    expect(mapBoxes([[-5, 10, 120, 90]], place)).toEqual([[0, 0, 100, 50]]);
  });

  it("refuses what is no size or fit", () => {
    expect(() => placement({ width: Number.NaN, height: 1 }, {})).toThrow(expect.objectContaining({ code: "INPUT_SHAPE" }));
    expect(() => placement({ width: 1, height: 1 }, { fit: "fill" as never })).toThrow(invalid("fit"));
  });
});

describe("crop, centerCrop and pad", () => {
  const image = { data: Uint8Array.from({ length: 12 }, (_, i) => i), width: 4, height: 3, channels: 1 as const };

  it("cut and add pixels", () => {
    expect(Array.from(crop(image, { left: 1, top: 1, width: 2, height: 2 }).data)).toEqual([5, 6, 9, 10]);
    expect(Array.from(centerCrop(image, { width: 1, height: 2 }).data)).toEqual([1, 5]);
    const padded = pad(crop(image, { width: 2, height: 1 }), { left: 1, bottom: 1, right: 1, background: [255, 255, 255] });
    expect(padded).toEqual({ data: new Uint8ClampedArray([255, 0, 1, 255, 255, 255, 255, 255]), width: 4, height: 2, channels: 1 });
  });

  it("undo each other", () => {
    const few = fc.integer({ min: 0, max: 5 });
    fc.assert(
      fc.property(few, few, few, few, (left, top, right, bottom) => {
        const padded = pad(image, { left, top, right, bottom, background: 7 });
        expect(crop(padded, { left, top, width: 4, height: 3 }).data).toEqual(new Uint8ClampedArray(image.data));
        expect(Array.from(padded.data).reduce((sum, level) => sum + level, 0)).toBe(66 + 7 * (padded.data.length - 12));
      }),
    );
  });

  it("refuse what is not inside", () => {
    expect(() => crop(image, { left: 3, width: 2, height: 1 })).toThrow(invalid("width"));
    expect(() => crop(image, { top: -1, width: 2, height: 1 })).toThrow(invalid("top"));
    expect(() => centerCrop(image, { width: 5, height: 1 })).toThrow(invalid("width"));
    expect(() => pad(image, { left: -1 })).toThrow(invalid("left"));
  });
});
