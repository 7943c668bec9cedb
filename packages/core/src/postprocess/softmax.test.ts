import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { furthest, unpack } from "../../test/reference/read.ts";
import reference from "../../test/reference/scores.json";
import { tensor } from "../tensor/index.ts";
import { argmax, sigmoid, softmax, topK } from "./index.ts";

const logits = unpack(reference.softmax.logits);

describe("softmax", () => {
  it("agrees with the definition, and does not overflow", () => {
    const known = softmax([1, 2, 3]);
    // e¹, e², e³ over their sum, worked out by hand.
    for (const [i, p] of [0.09003057, 0.24472847, 0.66524096].entries()) expect(known[i]).toBeCloseTo(p, 7);
    expect(Array.from(softmax([1000, 1000]))).toEqual([0.5, 0.5]);
    expect(softmax([])).toHaveLength(0);
    expect(softmax(tensor("float16", [0, 0]))).toEqual(new Float32Array([0.5, 0.5]));
  });

  it("agrees with NumPy", () => {
    expect(furthest(softmax(logits), unpack(reference.softmax.probabilities))).toBeLessThan(1e-6);
    expect(topK(logits, 7).map(({ index }) => index)).toEqual(reference.top);
  });

  it("sums to 1 and keeps the order", () => {
    const scores = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(scores, (list) => {
        const p = softmax(list);
        expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
        expect(p[argmax(list)]).toBe(Math.max(...p));
      }),
    );
  });
});

describe("argmax and topK", () => {
  it("take the first of equals and pass NaN over", () => {
    expect(argmax([1, 3, 3])).toBe(1);
    expect(argmax([Number.NaN, -1])).toBe(1);
    expect(argmax([])).toBe(-1);
    expect(topK([1, 3, Number.NaN, 3, 2], 3)).toEqual([
      { index: 1, score: 3 },
      { index: 3, score: 3 },
      { index: 4, score: 2 },
    ]);
    expect(() => argmax(tensor("int64", [1n]))).toThrow(expect.objectContaining({ code: "INPUT_DTYPE" }));
    expect(() => argmax(["a"] as never)).toThrow(expect.objectContaining({ code: "INPUT_DTYPE" }));
    expect(() => topK([1], -1)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });

  it("give the labels of what was ranked", () => {
    expect(topK([1, 3, 2], 2, ["a", "b"])).toEqual([
      { index: 1, score: 3, label: "b" },
      { index: 2, score: 2, label: undefined },
    ]);
  });
});

describe("sigmoid", () => {
  it("agrees with the definition, is symmetric and does not overflow", () => {
    // 1 / (1 + e⁻²), worked out by hand.
    expect(sigmoid([0, 2, -1000, 1000])).toEqual(new Float32Array([0.5, 0.8807970779778823, 0, 1]));
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (score) => {
        const [p = 0, q = 0] = sigmoid([score, -score]);
        expect(p + q).toBeCloseTo(1, 6);
      }),
    );
  });
});
