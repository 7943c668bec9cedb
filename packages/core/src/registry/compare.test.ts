import { describe, expect, it } from "vitest";
import { tensor } from "../tensor/index.ts";
import { deviation, differenceOf } from "./compare.ts";

describe("differenceOf", () => {
  it.each([
    ["the same digit, less sure of it", { digit: 3, confidence: 0.95 }, { digit: 3, confidence: 0.9 }, true, 0.025],
    ["another digit", { digit: 3, confidence: 0.9 }, { digit: 5, confidence: 0.9 }, false, 1],
    ["another word", { label: "cat" }, { label: "dog" }, false, undefined],
    ["scores with the same largest", [0.1, 0.7, 0.2], [0.3, 0.4, 0.3], true, 0.2],
    ["scores with another largest", [0.1, 0.7, 0.2], [0.6, 0.2, 0.2], false, 1 / 3],
    ["fractions near one another", 100.5, 104.5, true, 4],
    ["fractions far from one another", 100.5, 150.5, false, 50],
    ["other lengths", [1, 2], [1, 2, 3], false, undefined],
    ["a property more", { a: 1 }, { a: 1, b: true }, false, 0],
    ["bigints", 2n, 2n, true, 0],
    ["NaN on both sides", Number.NaN, Number.NaN, true, 0],
    ["NaN on one side, whose difference has no size", Number.NaN, 1.5, false, undefined],
    ["null and an object", null, {}, false, undefined],
  ])("%s", (_what, a, b, agrees, mean) => {
    const { agrees: said, sum, count } = differenceOf(a, b, 0.1);
    expect(said).toBe(agrees);
    expect(count === 0 ? undefined : sum / count).toEqual(mean === undefined ? undefined : expect.closeTo(mean, 9));
  });

  it("compares tensors by what they say: float16 by value, logits by the largest, whole numbers one by one, and each row by itself", () => {
    const half = (values: number[]) => ({ y: tensor("float16", values, [1, values.length]) });
    expect(differenceOf(half([0.5, 1.5]), half([0.25, 1.75]), 0.1)).toMatchObject({ agrees: true, sum: 0.5 });
    const logits = (...values: number[]) => ({ y: tensor("float32", values, [2, 2]) });
    expect(differenceOf(logits(0.1, 0.9, 5.5, 5.1), logits(0.2, 0.8, 5.4, 5.2), 0.1).agrees).toBe(true);
    expect(differenceOf(logits(0.1, 0.9, 5.5, 5.1), logits(0.9, 0.1, 5.5, 5.1), 0.1)).toMatchObject({ agrees: false, count: 4 });
    const prices = (...values: number[]) => ({ y: tensor("float32", values, [2, 1]) });
    expect(differenceOf(prices(1.5, 1.25), prices(1.25, 1.5), 0.5).agrees).toBe(true);
    expect(differenceOf(prices(1.5, 1.25), prices(9.5, 1.25), 0.5).agrees).toBe(false);
    const ids = (values: number[]) => ({ y: tensor("int64", values, [values.length]) });
    expect(differenceOf(ids([1, 2]), ids([1, 2]), 0.1).agrees).toBe(true);
    expect(differenceOf(ids([1, 2]), ids([2, 1]), 0.1).agrees).toBe(false);
  });
});

describe("deviation", () => {
  it.each([
    ["within the tolerance", { y: 2 }, { y: 2.0005 }, undefined],
    ["a property that is not named", { y: 2 }, { y: 2, z: 9 }, undefined],
    ["a tensor as nested lists", { y: [[1, 2]] }, { y: tensor("float32", [1, 2], [1, 2]) }, undefined],
    ["a tensor of bigints as numbers", { y: [3] }, { y: tensor("int64", [3], [1]) }, undefined],
    ["a tensor as one", { y: tensor("float32", [1], [1]) }, { y: tensor("float32", [1], [1]) }, undefined],
    ["off", { y: 2 }, { y: 3 }, "output.y: expected 2, got 3, which is off by more than 0.001"],
    ["an element off", { y: [[1, 2]] }, { y: tensor("float32", [1, 5], [1, 2]) }, /^output\.y\[1\]: expected 2, got 5/],
    ["too few", { y: [[1, 2]] }, { y: tensor("float32", [1], [1, 1]) }, "output.y: expected 2 elements, got 1"],
    ["another word", { label: "cat" }, { label: "dog" }, 'output.label: expected "cat", got "dog"'],
    ["missing", { label: "cat" }, {}, 'output.label: expected "cat", got undefined'],
    ["a class that is near by its number only", { y: [5000] }, { y: tensor("int64", [5001], [1]) }, "output.y[0]: expected 5000, got 5001"],
    ["as a tensor too", { y: tensor("int32", [5000], [1]) }, { y: tensor("int32", [5001], [1]) }, "output.y[0]: expected 5000, got 5001"],
    [
      "another shape",
      { y: tensor("float32", [1, 2], [1, 2]) },
      { y: tensor("float32", [1, 2], [2, 1]) },
      "output.y: expected a tensor float32 [1, 2], got a tensor float32 [2, 1]",
    ],
    ["no tensor", { y: 3 }, { y: tensor("float32", [3], [1]) }, "output.y: expected 3, got a tensor float32 [1]"],
    ["bigints beyond 2^53", 2n ** 60n, 2n ** 60n + 1n, `output: expected ${2n ** 60n}, got ${2n ** 60n + 1n}`],
    ["not a number on both sides", { y: [Number.NaN] }, { y: tensor("float32", [Number.NaN], [1]) }, undefined],
    ["a list that is none", [1], { a: 1 }, "output: expected a list, got an object"],
    ["another length", [1, 2], [1], "output: expected 2 elements, got 1"],
  ])("%s", (_what, expected, actual, said) => {
    const found = deviation(expected, actual, 1e-3);
    if (said instanceof RegExp) expect(found).toMatch(said);
    else expect(found).toBe(said);
  });
});
