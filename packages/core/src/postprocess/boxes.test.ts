import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { furthest, unpack } from "../../test/reference/read.ts";
import reference from "../../test/reference/scores.json";
import { tensor } from "../tensor/index.ts";
import { type Box, iou, nonMaxSuppression } from "./index.ts";

const boxes = unpack(reference.boxes);
const scores = unpack(reference.scores);
const classes = unpack(reference.classes);
const boxAt = (i: number): Box => Array.from(boxes.subarray(i * 4, i * 4 + 4)) as unknown as Box;

describe("iou", () => {
  it("agrees with the reference", () => {
    const all = Array.from({ length: 144 }, (_, i) => iou(boxAt(Math.floor(i / 12)), boxAt(i % 12)));
    expect(furthest(all, unpack(reference.iou))).toBeLessThan(1e-12);
  });

  it("is 0 for boxes without area, and 1 for a box and itself", () => {
    expect(iou([1, 1, 1, 5], [0, 0, 9, 9])).toBe(0);
    expect(iou([3, 3, 1, 1], [3, 3, 1, 1])).toBe(0);
    expect(iou([1, 1, 2, 5], [1, 1, 2, 5])).toBe(1);
  });
});

describe("nonMaxSuppression", () => {
  const indices = (options: Parameters<typeof nonMaxSuppression>[2]) => nonMaxSuppression(boxes, scores, options).map(({ index }) => index);

  it("agrees with the references, of which one is OpenCV", () => {
    expect(indices({ iouThreshold: 0.4 })).toEqual(reference.suppressed.plain);
    expect(indices({ iouThreshold: 0.4, classes })).toEqual(reference.suppressed.perClass);
    expect(indices({ iouThreshold: 0.2, scoreThreshold: 0.5 })).toEqual(reference.suppressed.opencv);
    expect(indices({ iouThreshold: 0.4, maxBoxes: 3 })).toEqual(reference.suppressed.plain.slice(0, 3));
  });

  it("takes centres and sizes, and tensors", () => {
    const centred = Array.from({ length: 80 }, (_, i) => boxAt(i)).flatMap(([a, b, c, d]) => [(a + c) / 2, (b + d) / 2, c - a, d - b]);
    const kept = nonMaxSuppression(tensor("float64", centred, [80, 4]), tensor("float32", scores, [80]), {
      format: "cxcywh",
      iouThreshold: 0.4,
    });
    expect(kept.map(({ index }) => index)).toEqual(reference.suppressed.plain);
    for (const { index, box, score } of kept) {
      expect(furthest(box, boxAt(index))).toBeLessThan(1e-5);
      expect(score).toBe(scores[index]);
    }
  });

  it("is idempotent, keeps no two that overlap, and loses none that does not", () => {
    const coordinate = fc.float({ min: 0, max: 100, noNaN: true });
    const one = fc.tuple(coordinate, coordinate, coordinate, coordinate, fc.float({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(fc.array(one, { maxLength: 40 }), fc.double({ min: 0, max: 1, noNaN: true }), (list, iouThreshold) => {
        const options = { iouThreshold };
        const flat = list.flatMap(([x, y, w, h]) => [x, y, x + w, y + h]);
        const kept = nonMaxSuppression(
          flat,
          list.map((each) => each[4]),
          options,
        );
        const again = nonMaxSuppression(
          kept.flatMap(({ box }) => box),
          kept.map(({ score }) => score),
          options,
        );
        expect(again.map(({ box, score }) => ({ box, score }))).toEqual(kept.map(({ box, score }) => ({ box, score })));
        for (let i = 0; i < list.length; i++) {
          const box = flat.slice(i * 4, i * 4 + 4) as unknown as Box;
          const isKept = kept.some(({ index }) => index === i);
          expect(isKept).toBe(
            !kept.some(
              (better) => better.index !== i && precedes(better, list[i]?.[4] as number, i) && iou(better.box, box) > iouThreshold,
            ),
          );
        }
      }),
    );
    function precedes(better: { score: number; index: number }, score: number, index: number): boolean {
      return better.score > score || (better.score === score && better.index < index);
    }
  });

  it("leaves NaN out, and says the class", () => {
    const kept = nonMaxSuppression([0, 0, 1, 1, 0, Number.NaN, 1, 1, 5, 5, 6, 6], [0.5, 0.9, Number.NaN], { classes: [4, 5, 6] });
    expect(kept).toEqual([{ index: 0, score: 0.5, box: [0, 0, 1, 1], classIndex: 4 }]);
  });

  it("refuses what does not fit", () => {
    const config = (path: string) => expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path }) });
    expect(() => nonMaxSuppression([1, 2, 3], [1])).toThrow(expect.objectContaining({ code: "INPUT_SHAPE" }));
    expect(() => nonMaxSuppression(boxes, [1])).toThrow(expect.objectContaining({ code: "INPUT_SHAPE" }));
    expect(() => nonMaxSuppression(boxes, scores, { classes: [1] })).toThrow(expect.objectContaining({ code: "INPUT_SHAPE" }));
    expect(() => nonMaxSuppression(["a"] as never, [])).toThrow(expect.objectContaining({ code: "INPUT_DTYPE" }));
    expect(() => nonMaxSuppression(boxes, scores, { iouThreshold: 2 })).toThrow(config("iouThreshold"));
    expect(() => nonMaxSuppression(boxes, scores, { scoreThreshold: Number.NaN })).toThrow(config("scoreThreshold"));
    expect(() => nonMaxSuppression(boxes, scores, { maxBoxes: 0 })).toThrow(config("maxBoxes"));
    expect(() => nonMaxSuppression(boxes, scores, { format: "xywh" as never })).toThrow(config("format"));
    expect(() => nonMaxSuppression(boxes, scores, { iou: 0.5 } as never)).toThrow(config("options.iou"));
  });
});
