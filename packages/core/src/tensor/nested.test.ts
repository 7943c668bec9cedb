import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DType, NestedArray } from "../types/index.ts";
import { fitEmpty, tensor, toValues } from "./index.ts";

type Nested = unknown[] | number | bigint | boolean | string;

const value: { readonly [D in DType]?: (index: number) => number | bigint | boolean | string } = {
  float32: (i) => i / 2,
  float16: (i) => i / 2,
  int8: (i) => (i % 256) - 128,
  int64: (i) => BigInt(i) << 40n,
  bool: (i) => i % 2 === 1,
  string: (i) => `s${i}`,
};
const dtypes = Object.keys(value) as (keyof typeof value)[];
const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });

/** Nested arrays of a shape, and their elements in row-major order. */
function nest(dims: readonly number[], dtype: keyof typeof value): { nested: unknown[]; flat: unknown[] } {
  const flat: unknown[] = [];
  const make = ([length, ...inner]: readonly number[]): Nested => {
    if (length === undefined) {
      const element = value[dtype]?.(flat.length) as number;
      flat.push(element);
      return element;
    }
    return Array.from({ length }, () => make(inner));
  };
  return { nested: make(dims) as unknown[], flat };
}

function refusal(make: () => unknown): { code: string; issues: { path: string; expected: string; received: string }[] } {
  try {
    make();
  } catch (error) {
    return error as ReturnType<typeof refusal>;
  }
  throw new Error("it did not throw");
}

describe("nested arrays", () => {
  it("round-trip where they are rectangular, for every kind of dtype", () => {
    fc.assert(
      fc.property(shape, fc.constantFrom(...dtypes), (dims, dtype) => {
        const { nested, flat } = nest(dims, dtype);
        const made = tensor(dtype, nested as NestedArray);
        expect(made.dims).toEqual(dims);
        expect(Array.from(toValues(dtype, made.data))).toEqual(flat);
      }),
    );
    expect(tensor("float32", [[], []])).toEqual({ type: "float32", data: new Float32Array(0), dims: [2, 0] });
    expect(tensor("float32", 7)).toEqual({ type: "float32", data: new Float32Array([7]), dims: [] });
  });

  it("are refused where one list is ragged, with the path of the first that is", () => {
    const depth = fc.integer({ min: 1, max: 3 });
    const spoils = fc.constantFrom<(list: unknown[]) => unknown>(
      (list) => [...list, list[0]],
      (list) => list.slice(1),
      () => 1,
    );
    const long = fc.array(fc.integer({ min: 2, max: 4 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(long, depth, fc.nat(), spoils, (dims, level, seed, spoil) => {
        const { nested } = nest(dims, "float32");
        // Any list but the first of its level, which is the one that the others are measured by.
        const count = dims.slice(0, level).reduce((a, b) => a * b, 1);
        let index = 1 + (seed % (count - 1));
        let path = "";
        const at: number[] = [];
        for (const dim of dims.slice(0, level).reverse()) {
          at.unshift(index % dim);
          path = `[${index % dim}]${path}`;
          index = Math.floor(index / dim);
        }
        const last = at.pop() as number;
        const parent = at.reduce<unknown[]>((list, i) => list[i] as unknown[], nested);
        parent[last] = spoil(parent[last] as unknown[]);
        expect(refusal(() => tensor("float32", nested as NestedArray))).toMatchObject({
          code: "INPUT_SHAPE",
          issues: [{ path: `data${path}` }],
        });
      }),
    );
  });

  it("say what came", () => {
    expect(() => tensor("float32", [[1, 2], [3]])).toThrow("data[1]: expected a list of 2, got a list of 1");
    expect(() => tensor("float32", [[1], 2])).toThrow("data[1]: expected a list of 1, got an integer");
    expect(() => tensor("float32", [[1], [[2]]])).toThrow("data[1][0]: expected float32, got array");
    let deep: NestedArray = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(refusal(() => tensor("float32", deep)).code).toBe("INPUT_SHAPE");
    const round: NestedArray[] = [];
    round.push(round, round);
    expect(refusal(() => tensor("float32", round)).code).toBe("INPUT_SHAPE");
  });

  it("get memory for what is there, not for what their first lists claim", () => {
    const claim = (dims: readonly number[]): NestedArray =>
      dims.reduceRight<NestedArray>((inner, length) => [inner, ...new Array(length - 1).fill(0)], 0);
    for (const dims of [
      [300, 300, 300],
      [5000, 5000, 5000],
    ]) {
      expect(refusal(() => tensor("float32", claim(dims)))).toMatchObject({ code: "INPUT_SHAPE", issues: [{ path: "data[1]" }] });
    }
    const rows = [new Array(100_000).fill(0), ...Array.from({ length: 60_000 }, () => [])];
    expect(refusal(() => tensor("float32", rows))).toMatchObject({ code: "INPUT_SHAPE", issues: [{ path: "data[1]" }] });
  });

  it("may have typed arrays as their rows", () => {
    const rows = [new Float32Array([1, 2]), new Float64Array([3, 4]), [5, 6]];
    expect(tensor("float32", rows)).toEqual({ type: "float32", data: new Float32Array([1, 2, 3, 4, 5, 6]), dims: [3, 2] });
    expect(tensor("float16", [new Uint16Array([0x3c00]), new Float32Array([1])]).data).toEqual(new Uint16Array([0x3c00, 0x3c00]));
    expect(tensor("int64", [new BigInt64Array([1n]), new Int32Array([2])]).data).toEqual(new BigInt64Array([1n, 2n]));
    expect(refusal(() => tensor("float32", [new BigInt64Array(1)])).issues).toEqual([
      { path: "data[0][0]", expected: "float32", received: "bigint" },
    ]);
    expect(refusal(() => tensor("bool", [new Uint8Array([2])])).code).toBe("INPUT_VALUE");
    expect(refusal(() => tensor("uint8", [new DataView(new ArrayBuffer(1))] as never)).code).toBe("INPUT_DTYPE");
  });
});

describe("fitEmpty", () => {
  it.each([
    [["batch", 784], [0], [0, 784]],
    [["batch", 3, "w"], [0], [0, 3, 0]],
    [
      [2, 0],
      [2, 0],
      [2, 0],
    ],
    [
      ["", ""],
      [2, 0],
      [2, 0],
    ],
    [
      [2, "n", 4],
      [2, 0],
      [2, 0, 4],
    ],
    [[2, 4], [0], [0]],
    [[], [0], [0]],
  ] as [(number | string)[], number[], number[]][])("%j of %j is %j", (shape, own, dims) => {
    expect(fitEmpty(shape, own)).toEqual(dims);
  });
});
