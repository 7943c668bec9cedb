import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DType, NestedArray, Signature, Tensor, Tensors } from "../types/index.ts";
import {
  allocate,
  checkFeeds,
  concatRows,
  copyRows,
  dtypeInfo,
  dtypes,
  fromFloat16Bits,
  laneKey,
  rowCount,
  tensor,
  toFloat16Bits,
  toValues,
} from "./index.ts";

const element: { [D in DType]: fc.Arbitrary<unknown> } = {
  float32: fc.float(),
  float64: fc.double(),
  float16: fc.integer({ min: 0, max: 0xffff }).map(fromFloat16Bits),
  int8: fc.integer({ min: -128, max: 127 }),
  uint8: fc.integer({ min: 0, max: 255 }),
  int16: fc.integer({ min: -32768, max: 32767 }),
  uint16: fc.integer({ min: 0, max: 65535 }),
  int32: fc.integer(),
  uint32: fc.integer({ min: 0, max: 4294967295 }),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  bool: fc.boolean(),
  string: fc.string(),
};

function codeOf(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return "no error";
}

describe("tensor", () => {
  it("keeps every value of every dtype, extremes, −0 and NaN included", () => {
    const any = fc.constantFrom(...dtypes).chain((type) => fc.tuple(fc.constant(type), fc.array(element[type], { maxLength: 20 })));
    fc.assert(
      fc.property(any, ([type, list]) => {
        const { data, dims } = tensor(type, list as NestedArray);
        expect(dims).toEqual([list.length]);
        expect(Array.from(toValues(type, data))).toEqual(list);
      }),
    );
    expect(tensor("int64", [-(2n ** 63n), 2n ** 63n - 1n]).data).toEqual(new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n]));
    expect(Object.is(tensor("float32", [-0]).data[0], -0)).toBe(true);
  });

  it("rounds to the nearest binary16, ties to even", () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = fromFloat16Bits(bits);
      if (!Number.isNaN(value)) expect(toFloat16Bits(value)).toBe(bits);
    }
    expect([65519, 65520, 1e-8, 2 ** -25, 2 ** -24, 1 + 2 ** -11, 1 + 3 * 2 ** -11].map((v) => fromFloat16Bits(toFloat16Bits(v)))).toEqual([
      65504,
      Infinity,
      0,
      0,
      2 ** -24,
      1,
      1 + 2 ** -9,
    ]);
    expect(fromFloat16Bits(toFloat16Bits(Number.NaN))).toBeNaN();
  });

  it("uses storage of the right class as it is", () => {
    const data = new Float32Array(6);
    expect(tensor("float32", data, [2, 3]).data).toBe(data);
  });

  it("refuses what does not fit, saying where", () => {
    expect(codeOf(() => tensor("uint8", [1, 300]))).toBe("INPUT_VALUE");
    expect(codeOf(() => tensor("int32", [1.5]))).toBe("INPUT_VALUE");
    expect(codeOf(() => tensor("int64", [2 ** 60]))).toBe("INPUT_VALUE");
    expect(codeOf(() => tensor("int64", [2n ** 63n]))).toBe("INPUT_VALUE");
    expect(codeOf(() => tensor("float32", ["1"]))).toBe("INPUT_DTYPE");
    expect(codeOf(() => tensor("bool", new Uint8Array([2])))).toBe("INPUT_VALUE");
    expect(codeOf(() => tensor("float32", [1, 2, 3], [2, 2]))).toBe("INPUT_SHAPE");
    expect(codeOf(() => tensor("float32", [1], [-1]))).toBe("INPUT_SHAPE");
    expect(() =>
      tensor("uint8", [
        [1, 2],
        [3, 400],
      ]),
    ).toThrow("data[1][1]: expected uint8 between 0 and 255, got out of uint8's range");
  });
});

describe("rows", () => {
  const parts = fc.constantFrom<DType>("float32", "int64", "string", "bool").chain((type) =>
    fc.integer({ min: 1, max: 3 }).chain((width) =>
      fc
        .array(
          fc
            .integer({ min: 1, max: 4 })
            .chain((rows) =>
              fc.array(fc.array(element[type], { minLength: width, maxLength: width }), { minLength: rows, maxLength: rows }),
            ),
          {
            minLength: 1,
            maxLength: 5,
          },
        )
        .map((lists) => lists.map((list): Tensors => ({ t: tensor(type, list as NestedArray) as Tensor }))),
    ),
  );

  it("split(concat(parts)) = parts", () => {
    fc.assert(
      fc.property(parts, (list) => {
        const joined = concatRows(list);
        let from = 0;
        for (const part of list) {
          const rows = rowCount(part) as number;
          expect(copyRows(joined, from, rows)).toEqual(part);
          expect(laneKey(part)).toBe(laneKey(joined));
          from += rows;
        }
      }),
    );
  });

  it("knows tensors without a common batch axis", () => {
    expect(rowCount({ a: tensor("float32", [1]), b: tensor("float32", 1) })).toBeUndefined();
    expect(rowCount({ a: tensor("float32", [1]), b: tensor("float32", [1, 2]) })).toBeUndefined();
  });
});

describe("checkFeeds", () => {
  const signature: Signature = {
    inputs: [
      { name: "image", dtype: "float32", shape: ["batch", 1, 2, 2] },
      { name: "ids", dtype: "int64", shape: ["batch"] },
    ],
    outputs: [],
  };

  it("names the axis, and every problem at once", () => {
    const wrong = (): unknown => checkFeeds({ image: tensor("float32", new Float32Array(6), [1, 1, 2, 3]), extra: [1] }, signature);
    expect(wrong).toThrow('input "image": expected float32 [batch, 1, 2, 2], got float32 [1, 1, 2, 3] (axis 3: 3 ≠ 2)');
    expect(wrong).toThrow('input "ids": expected int64 [batch], got nothing');
    expect(wrong).toThrow('input "extra"');
    expect(codeOf(wrong)).toBe("INPUT_SHAPE");
  });

  it("takes flat lists for the model's shape, and integers for int64", () => {
    const feeds = checkFeeds({ image: [1, 2, 3, 4, 5, 6, 7, 8], ids: [7, 8n] }, signature);
    expect(feeds["image"]?.dims).toEqual([2, 1, 2, 2]);
    expect(feeds["ids"]?.data).toEqual(new BigInt64Array([7n, 8n]));
  });

  it("refuses inherited names and things that are no inputs", () => {
    expect(codeOf(() => checkFeeds({ ...checkFeeds({ image: [1, 2, 3, 4], ids: [1] }, signature), __proto__x: [1] }, signature))).toBe(
      "INPUT_UNKNOWN",
    );
    for (const inputs of [null, [], "text", 4]) expect(codeOf(() => checkFeeds(inputs as never, signature))).toBe("INPUT_DTYPE");
    expect(codeOf(() => checkFeeds({ image: new BigInt64Array(4), ids: [1] }, signature))).toBe("INPUT_DTYPE");
    expect(codeOf(() => checkFeeds({ image: null as never, ids: [1] }, signature))).toBe("INPUT_DTYPE");
  });

  it("takes a subclass for what it holds", () => {
    class Bytes extends Uint8Array {}
    const bytes = Bytes.from([1, 2, 3]);
    const made = tensor("uint8", bytes);
    expect(made.data.constructor).toBe(Uint8Array);
    expect([made.data, made.data.buffer]).toEqual([new Uint8Array([1, 2, 3]), bytes.buffer]);
  });

  it("knows every dtype's range", () => {
    const range = (dtype: DType) => [dtypeInfo(dtype).min, dtypeInfo(dtype).max];
    expect([range("int8"), range("uint8"), range("int16"), range("uint16")]).toEqual([
      [-128, 127],
      [0, 255],
      [-32768, 32767],
      [0, 65535],
    ]);
    expect([range("int32"), range("uint32")]).toEqual([
      [-2147483648, 2147483647],
      [0, 4294967295],
    ]);
    expect([range("int64"), range("uint64")]).toEqual([
      [-9223372036854775808n, 9223372036854775807n],
      [0n, 18446744073709551615n],
    ]);
  });

  it("has storage for every dtype", () => {
    for (const dtype of dtypes) expect(allocate(dtype, 3)).toHaveLength(3);
  });
});
