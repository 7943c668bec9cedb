import { describe, expect, it } from "vitest";
import { unpack } from "../../test/reference/read.ts";
import reference from "../../test/reference/scores.json";
import { tensor } from "../tensor/index.ts";
import { ctcGreedyDecode, type TextBoxOptions, textBoxes } from "./index.ts";

const config = (path: string) => expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path }) });
const shape = expect.objectContaining({ code: "INPUT_SHAPE" });

describe("ctcGreedyDecode", () => {
  const { classes, decoded } = reference.ctc;
  const logits = unpack(reference.ctc.logits);

  it("agrees with the reference", () => {
    const steps = reference.ctc.logits.shape[0] as number;
    for (const scores of [logits, tensor("float32", logits, [1, steps, classes.length])] as const) {
      const { text, confidence, characters } = ctcGreedyDecode(scores, { classes, logits: true });
      expect(text).toBe(decoded.text);
      expect(confidence).toBeCloseTo(decoded.confidence, 6);
      expect(characters.map(({ step }) => step)).toEqual(decoded.steps);
      for (const [i, one] of characters.entries()) expect(one.confidence).toBeCloseTo(decoded.confidences[i] as number, 6);
    }
  });

  it("takes probabilities as they are, and another blank", () => {
    const rows = [0.9, 0.1, 0, 0.2, 0.8, 0, 0.1, 0.2, 0.7, 0.6, 0.1, 0.3, 1, 0, 0];
    expect(ctcGreedyDecode(rows, { classes: ["a", "b", "-"], blank: 2 })).toEqual({
      text: "aba",
      confidence: expect.closeTo((0.9 + 0.8 + 0.6) / 3, 9),
      characters: [
        { text: "a", confidence: 0.9, step: 0 },
        { text: "b", confidence: 0.8, step: 1 },
        { text: "a", confidence: 0.6, step: 3 },
      ],
    });
    expect(ctcGreedyDecode([], { classes: ["-", "a"] })).toEqual({ text: "", confidence: 0, characters: [] });
  });

  it("refuses what does not fit", () => {
    expect(() => ctcGreedyDecode([1, 2, 3], { classes: ["-", "a"] })).toThrow(shape);
    expect(() => ctcGreedyDecode([1, 2], { classes: ["-", "a"], steps: 2 })).toThrow(shape);
    expect(() => ctcGreedyDecode(tensor("float32", [1, 2, 3, 4], [1, 1, 4]), { classes: ["-", "a"] })).toThrow(shape);
    expect(() => ctcGreedyDecode([Number.NaN, Number.NaN], { classes: ["-", "a"] })).toThrow(
      expect.objectContaining({ code: "INPUT_VALUE" }),
    );
    expect(() => ctcGreedyDecode([1], { classes: [] })).toThrow(config("classes"));
    expect(() => ctcGreedyDecode([1], { classes: ["-"], blank: 1 })).toThrow(config("blank"));
  });
});

describe("textBoxes", () => {
  const bytes = unpack(reference.text.map);
  const map = Float32Array.from(bytes, (level) => level / 255);
  const size = { width: 128, height: 72 };
  const byPlace = (a: { points: readonly (readonly number[])[] }, b: { points: readonly (readonly number[])[] }): number =>
    (a.points[0]?.[0] as number) - (b.points[0]?.[0] as number);

  it("finds what PaddleOCR's rule over OpenCV's contours and rectangles finds", () => {
    const found = textBoxes(map, size).sort(byPlace);
    const expected = [...reference.text.boxes].sort(byPlace);
    expect(found).toHaveLength(expected.length);
    for (const [i, { points, score, box }] of found.entries()) {
      // PaddleOCR cuts the fractions of corners off before it fills; the mean here does not.
      expect(Math.abs(score - (expected[i]?.score as number))).toBeLessThan(0.03);
      for (const [corner, point] of points.entries()) {
        const there = expected[i]?.points[corner] as number[];
        expect(Math.hypot(point[0] - (there[0] as number), point[1] - (there[1] as number))).toBeLessThan(0.05);
        expect(box[0] <= point[0] && point[0] <= box[2] && box[1] <= point[1] && point[1] <= box[3]).toBe(true);
      }
    }
  });

  it("leaves out what is faint, small, or beyond the number asked for", () => {
    const all = textBoxes(map, { ...size, boxThreshold: 0, minSize: 0 });
    expect(all.length).toBeGreaterThan(textBoxes(map, size).length);
    expect(textBoxes(map, { ...size, boxThreshold: 0, minSize: 0, maxBoxes: 2 })).toEqual(all.slice(0, 2));
    expect(textBoxes(map, { ...size, threshold: 1 })).toEqual([]);
    expect(textBoxes(new Float32Array(9).fill(Number.NaN), { width: 3, height: 3 })).toEqual([]);
  });

  it("knows the size of what it finds: a block of 9 × 5 pixels, and one pixel", () => {
    const block = new Float32Array(20 * 20);
    for (let y = 3; y < 8; y++) for (let x = 4; x < 13; x++) block[y * 20 + x] = 0.9;
    const [found] = textBoxes(block, { width: 20, height: 20, unclipRatio: 0, minSize: 2 });
    expect(found?.box).toEqual([4.5, 3.5, 12.5, 7.5]);
    expect(found?.score).toBeCloseTo(0.9, 6);
    const dot = new Float32Array(9);
    dot[4] = 1;
    expect(textBoxes(dot, { width: 3, height: 3, minSize: 0 })).toEqual([]);
  });

  it.each<[Partial<TextBoxOptions>, string]>([
    [{ width: 0 }, "width"],
    [{ height: Number.NaN }, "height"],
    [{ threshold: 2 }, "threshold"],
    [{ boxThreshold: -1 }, "boxThreshold"],
    [{ unclipRatio: -1 }, "unclipRatio"],
    [{ minSize: Number.NaN }, "minSize"],
    [{ maxBoxes: 0 }, "maxBoxes"],
    [{ unclip: 1 } as never, "options.unclip"],
  ])("refuses %j", (options, path) => {
    expect(() => textBoxes(map, { ...size, ...options })).toThrow(config(path));
  });

  it("refuses a map of another size", () => {
    expect(() => textBoxes(map, { width: 127, height: 72 })).toThrow(shape);
  });
});
