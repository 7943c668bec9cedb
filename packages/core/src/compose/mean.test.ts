import { describe, expect, it } from "vitest";
import { toFloat16Bits } from "../tensor/index.ts";
import { vote } from "./labels.ts";
import { mean } from "./mean.ts";

const even = [1, 1];

describe("mean", () => {
  it("goes through objects, lists, float arrays and float tensors", () => {
    expect(
      mean(
        [
          { p: [0.25, [1, "a"]], t: { type: "float32", data: new Float32Array([1, 2]), dims: [1, 2] }, n: null },
          { p: [0.75, [3, "a"]], t: { type: "float32", data: new Float32Array([3, 6]), dims: [1, 2] }, n: null },
        ],
        even,
      ),
    ).toEqual({ p: [0.5, [2, "a"]], t: { type: "float32", data: new Float32Array([2, 4]), dims: [1, 2] }, n: null });
    expect(mean([new Float64Array([1]), new Float64Array([2])], [1, 3])).toEqual(new Float64Array([1.75]));
    const half = (value: number) => ({ type: "float16", data: new Uint16Array([toFloat16Bits(value)]), dims: [1] });
    expect(mean([half(1), half(2)], even)).toEqual(half(1.5));
    expect(mean([1, Number.NaN], even)).toBeNaN();
  });

  it("sums float32 in double precision", () => {
    const many = Array.from({ length: 10 }, () => new Float32Array([16777217, 0.1]));
    expect(
      mean(
        many,
        many.map(() => 1),
      ),
    ).toEqual(many[0]);
  });

  it("what has no mean must be the same", () => {
    const labels = (n: bigint) => ({ type: "int64", data: new BigInt64Array([n]), dims: [1] });
    expect(mean([labels(2n), labels(2n)], even)).toEqual(labels(2n));
    const refused: [unknown, unknown, string][] = [
      [labels(2n), labels(3n), "mean of output: expected the same in all members, since integers have no mean"],
      [{ a: "x" }, { a: "y" }, "mean of output.a: expected the same in all members"],
      [{ a: [true] }, { a: [false] }, "mean of output.a[0]"],
      [[1], [1, 2], "lists of one length"],
      [new Date(1), new Date(1), "the same in all members"],
      [{ a: 1 }, { b: 1 }, "objects with the same fields"],
      [1, "1", "mean of output: expected numbers, got an integer and string"],
      [new Float32Array(1), new Float64Array(1), "Float32Array of one length"],
      [
        { type: "float32", data: new Float32Array(2), dims: [2] },
        { type: "float32", data: new Float32Array(2), dims: [1, 2] },
        "one dtype and shape",
      ],
    ];
    for (const [a, b, message] of refused) {
      expect(() => mean([a, b], even)).toThrow(
        expect.objectContaining({ code: "OUTPUT_INVALID", message: expect.stringContaining(message) }),
      );
    }
  });

  it("never shares memory with a member's output", () => {
    const one = new Int32Array([1]);
    expect(mean([one, new Int32Array([1])], even)).not.toBe(one);
  });
});

describe("vote", () => {
  it("keeps labels of several kinds apart", () => {
    expect(vote([1, "1", "1"], [1, 1, 1], undefined)).toBe("1");
    expect(vote([1n, 1, 1], [1, 1, 1], undefined)).toBe(1);
    const labels = [3n, 5n, 5n].map((n) => ({ label: { type: "int64", data: new BigInt64Array([n]), dims: [1] } }));
    expect(vote(labels, [1, 1, 1], "label")).toBe(labels[1]);
    const two = { label: { type: "int64", data: new BigInt64Array(2), dims: [2] } };
    expect(() => vote([two], [1], "label")).toThrow('field "label": expected one label to vote for, got Object');
  });
});
