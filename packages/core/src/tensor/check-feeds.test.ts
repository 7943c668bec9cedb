import { describe, expect, it } from "vitest";
import type { DType, RawInputs, Signature, TensorSpec } from "../types/index.ts";
import { checkFeeds, concatRows, copyRows, tensor } from "./index.ts";

const signature = (...inputs: TensorSpec[]): Signature => ({ inputs, outputs: [] });
const of = (dtype: DType, ...shape: TensorSpec["shape"]): Signature => signature({ name: "x", dtype, shape });

interface Refused {
  readonly code: string;
  readonly message: string;
  readonly issues: { readonly path: string; readonly received: string }[];
  readonly details: { readonly issueCount?: number };
}

function refusal(inputs: unknown, wanted: Signature): Refused {
  try {
    checkFeeds(inputs as RawInputs, wanted);
  } catch (error) {
    return error as Refused;
  }
  throw new Error("it did not throw");
}

describe("checkFeeds", () => {
  it("copies what the caller owns, unless it is handed over", () => {
    for (const given of [
      new Float32Array([1, 2]),
      { type: "float32", data: new Float32Array([1, 2]), dims: [2] },
      new Float32Array([0, 1, 2]).subarray(1),
    ]) {
      const array = "data" in given ? given.data : given;
      const { x } = checkFeeds({ x: given }, of("float32", "n"));
      const shared = checkFeeds({ x: given }, of("float32", "n"), true);
      array[0] = 9;
      expect([x?.data, shared["x"]?.data]).toEqual([new Float32Array([1, 2]), new Float32Array([9, 2])]);
      expect(x).toHaveProperty("data.buffer.byteLength", 8);
    }
    class Shares extends Uint8Array {
      override slice(start?: number, end?: number) {
        return this.subarray(start, end);
      }
    }
    const bytes = Shares.from([1, 2]);
    const { x } = checkFeeds({ x: bytes }, of("uint8", 2));
    bytes[0] = 9;
    expect(x?.data).toEqual(new Uint8Array([1, 2]));
    const dims = [2];
    const made = checkFeeds({ x: { type: "string", data: ["a", "b"], dims } }, of("string", "n"), true);
    dims[0] = 9;
    expect(made["x"]).toEqual({ type: "string", data: ["a", "b"], dims: [2] });
  });

  it("leaves an unranked input the rank that it came with", () => {
    const any = signature({ name: "x", dtype: "float32", shape: [], unranked: true });
    for (const [x, dims] of [
      [5, []],
      [[5], [1]],
      [[5, 6], [2]],
      [
        [[5], [6]],
        [2, 1],
      ],
      [new Float32Array(1), [1]],
    ] as const)
      expect(checkFeeds({ x }, any)["x"]?.dims).toEqual(dims);
    expect(checkFeeds({ x: [5] }, of("float32"))["x"]?.dims).toEqual([]);
  });

  it("keeps an input that is called __proto__", () => {
    const wanted = signature(
      { name: "__proto__", dtype: "float32", shape: ["n"] },
      { name: "constructor", dtype: "float32", shape: ["n"] },
    );
    const inputs = JSON.parse('{"__proto__":[1],"constructor":[2]}') as RawInputs;
    const feeds = checkFeeds(inputs, wanted);
    for (const record of [feeds, copyRows(concatRows([feeds, feeds]), 1, 1)])
      expect(Object.entries(record)).toEqual([
        ["__proto__", tensor("float32", [1])],
        ["constructor", tensor("float32", [2])],
      ]);
    expect(refusal({}, wanted).issues.map((issue) => issue.path)).toEqual(["__proto__", "constructor"]);
  });

  it("tells of types only, whatever a value says of itself", () => {
    const hostile: unknown[] = [
      { constructor: { name: "LEAKED" } },
      { constructor: { name: { toString: 1, valueOf: 1 } } },
      { type: "int64", data: [1], dims: [{ toString: 1 }] },
      { type: "int64", data: [1], dims: ["LEAKED"] },
      { type: "int64", data: [1], dims: new Array(100_000).fill(1) },
      { type: "int64", data: [1], dims: { length: 1 } },
      { type: { toString: 1 }, data: [1], dims: [1] },
      { type: "LEAKED", data: [1], dims: [1] },
      { type: "float32", data: { constructor: { name: { startsWith: 1 } } }, dims: [1] },
      { type: "float32", data: [1], dims: [0.5] },
    ];
    for (const x of hostile.flatMap((value) => [value, [value]])) {
      const { code, message } = refusal({ x }, of("float32", 1));
      expect(code).toMatch(/^INPUT_(DTYPE|SHAPE)$/);
      expect(message).not.toContain("LEAKED");
      expect(message.length).toBeLessThan(120);
    }
  });

  it("says that a tensor's data is not on the CPU", () => {
    const gpu = {
      type: "float32",
      dims: [1],
      get data() {
        throw new Error("The data is not on CPU.");
      },
    };
    expect(refusal({ x: gpu }, of("float32", 1))).toMatchObject({
      code: "INPUT_VALUE",
      message: expect.stringContaining("data on the CPU"),
    });
  });

  it("refuses a shape before it looks at elements", () => {
    const x = new Array(3).fill(new Array(3).fill("no number"));
    expect(refusal({ x }, of("float32", "n", 2)).code).toBe("INPUT_SHAPE");
    expect(refusal({ x: "no number" }, of("float32", "n", 2)).code).toBe("INPUT_DTYPE");
  });

  it("takes typed arrays of another class by value", () => {
    expect(checkFeeds({ x: new Int32Array([1, -2]) }, of("int64", "n"))["x"]?.data).toEqual(new BigInt64Array([1n, -2n]));
    expect(refusal({ x: new Float32Array([0.5]) }, of("int64", "n")).code).toBe("INPUT_VALUE");
    expect(refusal({ x: new BigInt64Array(1) }, of("float32", "n")).code).toBe("INPUT_DTYPE");
    expect(refusal({ x: new DataView(new ArrayBuffer(4)) }, of("float32", "n")).issues).toMatchObject([{ received: "DataView" }]);
  });

  it("lists a hundred unknown inputs and counts the rest", () => {
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`name${i}`, 1]));
    const { code, message, issues, details } = refusal({ ...many, x: [1], ["long".repeat(1e6)]: 1 }, of("float32", 1));
    expect([code, issues.length, details.issueCount]).toEqual(["INPUT_UNKNOWN", 100, 50_001]);
    expect(message).toMatch(/^input "name0": .*; … and 49991 more$/);
    expect(refusal({ x: [1], ["long".repeat(1e6)]: 1 }, of("float32", 1)).issues[0]?.path.length).toBe(201);
    expect(refusal({ a: 1, b: 1 }, of("float32", 1)).details).toEqual({ issues: expect.objectContaining({ length: 3 }) });
  });
});
