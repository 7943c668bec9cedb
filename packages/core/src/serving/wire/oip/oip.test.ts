import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allocate, dtypeInfo, dtypes, sizeOf, toFloat16Bits } from "../../../tensor/index.ts";
import type { DType, Tensor } from "../../../types/index.ts";
import { parseTolerantJson } from "../tolerant-json.ts";
import type { ReadEntry, WriteEntry } from "./index.ts";
import { BinaryParts, dataToJson, datatypeOf, dtypeOf, readHeaderLength, readTensors, toFrame, writeTensors } from "./index.ts";

const text = new TextDecoder();

/** Tensors of any dtype and shape, elements of any bits. */
const tensors: fc.Arbitrary<Tensor> = fc
  .record({ type: fc.constantFrom(...dtypes), dims: fc.array(fc.nat(3), { maxLength: 3 }), seed: fc.infiniteStream(fc.nat(255)) })
  .chain(({ type, dims, seed }) => {
    const size = sizeOf(dims);
    if (type === "string")
      return fc
        .array(fc.string({ unit: "grapheme" }), { minLength: size, maxLength: size })
        .map((data) => ({ type, data, dims }) as Tensor);
    const data = allocate(type, size) as Uint8Array;
    const bytes = new Uint8Array(data.buffer);
    for (let i = 0; i < bytes.length; i++) bytes[i] = (seed.next().value as number) & (type === "bool" ? 1 : 255);
    return fc.constant({ type, data, dims } as unknown as Tensor);
  });

const entries = fc
  .array(fc.record({ tensor: tensors, binary: fc.boolean() }), { maxLength: 5 })
  .map((list) => list.map((entry, index): WriteEntry => ({ ...entry, name: `t${index}` })));

/** Bytes in pieces of these lengths, the rest in one. */
function inPieces(bytes: Uint8Array, lengths: readonly number[]): readonly Uint8Array[] {
  let at = 0;
  const pieces = lengths.map((length) => {
    at += length;
    return bytes.subarray(at - length, at);
  });
  return [...pieces, bytes.subarray(at)];
}

function roundTrip(list: readonly WriteEntry[], shift: number, cuts: readonly number[]): readonly ReadEntry[] {
  const written = writeTensors(list, "string");
  const { body, headerLength } = toFrame(`{"inputs":${written.json}}`, written.parts);
  const whole = typeof body === "string" ? new TextEncoder().encode(body) : body;
  // Bodies come to lie anywhere.
  const moved = new Uint8Array(whole.length + shift).subarray(shift);
  moved.set(whole);
  const length = readHeaderLength(String(headerLength ?? whole.length), whole.length);
  const parts = new BinaryParts(inPieces(moved, cuts));
  expect(parts.left).toBe(whole.length);
  const { inputs } = parseTolerantJson(text.decode(parts.take(length, "body")), true) as { inputs: unknown };
  return readTensors(inputs, parts, "inputs");
}

/** What JSON keeps of an element: NaN has many bit patterns there and only one here, and −0 has none. */
function kept({ type, data }: Tensor, binary: boolean): readonly unknown[] {
  const list = Array.from(data as Float32Array);
  if (binary || dtypeInfo(type).kind !== "float") return list;
  if (type === "float16") return list.map((bits) => ((bits & 0x7fff) > 0x7c00 ? toFloat16Bits(Number.NaN) : bits & 0x7fff ? bits : 0));
  return list.map((value) => value + 0 || (Number.isNaN(value) ? value : 0));
}

describe("messages", () => {
  it("carry every dtype, JSON and binary mixed, wherever the body lies and in however many pieces it came", () => {
    fc.assert(
      fc.property(entries, fc.nat(9), fc.array(fc.nat(60), { maxLength: 20 }), (list, shift, cuts) => {
        const read = roundTrip(list, shift, cuts);
        expect(read.map(({ name }) => name)).toEqual(list.map(({ name }) => name));
        for (const [index, { tensor, binary }] of list.entries()) {
          const back = (read[index] as ReadEntry).tensor;
          expect(back.type).toBe(tensor.type);
          expect(back.dims).toEqual(tensor.dims);
          expect(kept(back, binary)).toEqual(kept(tensor, binary));
        }
      }),
    );
  });

  it("share memory with the body where its offset allows that", () => {
    const list: WriteEntry[] = [{ name: "x", tensor: { type: "float64", data: Float64Array.of(1, Number.NaN), dims: [2] }, binary: true }];
    const { json, parts } = writeTensors(list, "string");
    const { body, headerLength } = toFrame(json, parts) as { body: Uint8Array; headerLength: number };
    expect(headerLength % 8).toBe(0);
    const head = JSON.parse(text.decode(body.subarray(0, headerLength)));
    const [entry] = readTensors(head, new BinaryParts([body.subarray(headerLength)]), "inputs");
    expect((entry as ReadEntry).tensor.data).toMatchObject({ buffer: body.buffer, byteOffset: headerLength });
  });

  it("without bytes are JSON alone", () => {
    const empty: WriteEntry[] = [{ name: "x", tensor: { type: "float32", data: new Float32Array(), dims: [0, 3] }, binary: true }];
    const { json, parts } = writeTensors(empty, "string");
    expect(json).toBe('[{"name":"x","datatype":"FP32","shape":[0,3],"parameters":{"binary_data_size":0}}]');
    expect(toFrame(json, parts)).toEqual({ body: json, headerLength: undefined });
  });
});

describe("elements in JSON", () => {
  const read = (datatype: string, shape: readonly number[], json: string): Tensor =>
    (
      readTensors(
        parseTolerantJson(`[{"name":"x","datatype":"${datatype}","shape":[${shape}],"data":${json}}]`, true),
        new BinaryParts([]),
        "inputs",
      )[0] as ReadEntry
    ).tensor;
  const refused = (datatype: string, shape: readonly number[], json: string): string => {
    try {
      read(datatype, shape, json);
      return "";
    } catch (error) {
      return `${(error as { code: string }).code} ${(error as Error).message}`;
    }
  };

  it("come flat or nested", () => {
    expect(read("INT8", [2, 2], "[[1,-2],[3,4]]").data).toEqual(Int8Array.of(1, -2, 3, 4));
    expect(read("INT8", [2, 2], "[1,-2,3,4]").data).toEqual(Int8Array.of(1, -2, 3, 4));
    expect(read("FP32", [], "[1.5]").data).toEqual(Float32Array.of(1.5));
    expect(read("FP32", [], "1.5").data).toEqual(Float32Array.of(1.5));
    expect(read("BYTES", [1, 2], '[["a","\\u0000é"]]').data).toEqual(["a", "\0é"]);
    expect(read("STRING", [1], '["a"]').type).toBe("string");
    expect(refused("INT8", [2, 3], "[[1,2],[3,4],[5,6]]")).toContain(
      "INPUT_SHAPE inputs[0].data: expected 6 elements, flat or nested as [2, 3]",
    );
    expect(refused("INT8", [2, 2], "[1,2,3]")).toContain("INPUT_SHAPE");
    expect(refused("INT8", [2, 2], "[[1,2],[3]]")).toBe("INPUT_SHAPE inputs[0].data[1]: expected a list of 2, got a list of 1");
  });

  it("are range-checked, by path", () => {
    expect(refused("UINT8", [3], "[1,2,300]")).toBe("INPUT_VALUE inputs[0].data[2]: out of UINT8's range");
    expect(refused("INT16", [1, 2], "[[1,-32769]]")).toBe("INPUT_VALUE inputs[0].data[0][1]: out of INT16's range");
    expect(refused("INT32", [1], "[99999999999999999999]")).toBe("INPUT_VALUE inputs[0].data[0]: out of INT32's range");
    expect(refused("UINT64", [1], "[-1]")).toBe("INPUT_VALUE inputs[0].data[0]: out of UINT64's range");
    expect(refused("INT64", [1], "[9223372036854775808]")).toBe("INPUT_VALUE inputs[0].data[0]: out of INT64's range");
    expect(refused("INT64", [1], `[${"9".repeat(40)}]`)).toBe("INPUT_VALUE inputs[0].data[0]: out of INT64's range");
    // As a bigint it would hold the thread up, and no 64 bits hold it.
    expect(parseTolerantJson(`[${"9".repeat(40)}, ${2n ** 64n - 1n}, ${-(2n ** 63n)}]`, true)).toEqual([
      1e40,
      2n ** 64n - 1n,
      -(2n ** 63n),
    ]);
    expect(refused("INT64", [1], "[1e19]")).toBe("INPUT_VALUE inputs[0].data[0]: a number that has lost digits");
    expect(refused("INT32", [1], "[1.5]")).toBe("INPUT_VALUE inputs[0].data[0]: expected INT32, got a fraction");
    expect(refused("BOOL", [1], '["yes"]')).toBe("INPUT_DTYPE inputs[0].data[0]: expected BOOL, got string");
    expect(refused("INT32", [1], "[null]")).toBe("INPUT_DTYPE inputs[0].data[0]: expected INT32, got null");
  });

  it("keep every digit of 64-bit integers", () => {
    expect(read("INT64", [3], "[9007199254740993,-9223372036854775808,7]").data).toEqual(
      BigInt64Array.of(9007199254740993n, -(2n ** 63n), 7n),
    );
    expect(read("UINT64", [2], '["18446744073709551615",18446744073709551615]').data).toEqual(
      BigUint64Array.of(2n ** 64n - 1n, 2n ** 64n - 1n),
    );
    expect(read("FP64", [2], "[12345678901234567890,1]").data).toEqual(Float64Array.of(Number(12345678901234567890n), 1));
    const data = BigInt64Array.of(2n ** 63n - 1n, -1n);
    expect(dataToJson({ type: "int64", data, dims: [2] }, "string")).toBe("[9223372036854775807,-1]");
  });

  it("take NaN and the infinities in every spelling, and write them as told", () => {
    const all = Float32Array.of(Number.NaN, Number.NaN, Number.NaN, Infinity, -Infinity, Infinity, -Infinity, 1);
    expect(read("FP32", [8], '[null,"NaN",NaN,Infinity,-Infinity,"Infinity","-Infinity",1]').data).toEqual(all);
    expect(read("BYTES", [2], '["NaN,-Infinity\\"NaN", "x"]').data).toEqual(['NaN,-Infinity"NaN', "x"]);
    const tensor: Tensor = { type: "float32", data: Float32Array.of(Number.NaN, -Infinity, 0.5), dims: [3] };
    expect(dataToJson(tensor, "string")).toBe('["NaN","-Infinity",0.5]');
    expect(dataToJson(tensor, "null")).toBe("[null,null,0.5]");
    expect(dataToJson(tensor, "token")).toBe("[NaN,-Infinity,0.5]");
  });

  it("have FP16 by value", () => {
    expect(read("FP16", [2], "[1.5,null]").data).toEqual(Uint16Array.of(0x3e00, 0x7e00));
    expect(dataToJson({ type: "float16", data: Uint16Array.of(0x3e00), dims: [1] }, "string")).toBe("[1.5]");
  });
});

describe("broken messages", () => {
  const fails = (list: unknown, bytes = new Uint8Array()): string => {
    try {
      readTensors(list, new BinaryParts([bytes]), "inputs");
      return "";
    } catch (error) {
      return `${(error as { code: string }).code} ${(error as Error).message}`;
    }
  };
  const x = { name: "x", datatype: "FP32", shape: [1] };

  it("are refused by path", () => {
    expect(fails(undefined)).toBe("INPUT_MISSING inputs: expected a list of tensors, got nothing");
    expect(fails([1])).toBe("INPUT_DTYPE inputs[0]: expected an object, got an integer");
    expect(fails([{ ...x, datatype: "BF16", data: [1] }])).toContain("INPUT_DTYPE inputs[0].datatype");
    expect(fails([{ ...x, shape: [-1], data: [1] }])).toContain("INPUT_SHAPE inputs[0].shape");
    expect(fails([{ ...x, shape: [0, 2 ** 30] }])).toContain("INPUT_SHAPE inputs[0].shape");
    expect(fails([x])).toContain("INPUT_MISSING inputs[0].data");
    expect(
      fails([
        { ...x, data: [1] },
        { ...x, data: [1] },
      ]),
    ).toContain("INPUT_VALUE inputs[1].name");
    expect(fails([{ ...x, parameters: { binary_data_size: 4 } }])).toBe("INPUT_SHAPE inputs[0]: expected 4 more bytes, got 0");
    expect(fails([{ ...x, parameters: { binary_data_size: 3 } }], new Uint8Array(3))).toContain("expected 4 bytes for FP32 [1], got 3");
    expect(fails([{ ...x, data: [1] }], new Uint8Array(3))).toContain("BODY_INVALID body: expected its end");
    expect(
      fails([
        { ...x, data: ["a"] },
        { ...x, name: "y", shape: "?" },
      ]),
    ).toBe(
      "INPUT_DTYPE inputs[0].data[0]: expected FP32, got string; inputs[1].shape: expected at most 32 whole numbers ≥ 0, got others, or too large",
    );
  });

  it("with BYTES that do not add up are refused", () => {
    const words = (bytes: number[], count: number): string =>
      fails([{ name: "x", datatype: "BYTES", shape: [count], parameters: { binary_data_size: bytes.length } }], Uint8Array.from(bytes));
    expect(words([1, 0, 0, 0, 65], 1)).toBe("");
    expect(words([1, 0, 0, 0, 0xff], 1)).toBe("INPUT_VALUE inputs[0][0]: expected UTF-8, got other bytes");
    expect(words([2, 0, 0, 0, 65], 1)).toContain("INPUT_SHAPE");
    expect(words([1, 0, 0], 1)).toContain("INPUT_SHAPE");
    expect(words([1, 0, 0, 0, 65], 2)).toContain("INPUT_SHAPE inputs[0]: expected 2 elements, got 1");
    expect(words([0, 0, 0, 0, 0, 0, 0, 0], 1)).toContain("INPUT_SHAPE inputs[0]: expected 1 elements, got more");
  });

  it("with a header length outside the body are refused", () => {
    for (const length of ["-1", "1.5", "x", "", "11", "9".repeat(20)]) expect(() => readHeaderLength(length, 10)).toThrow();
    expect(readHeaderLength("10", 10)).toBe(10);
  });
});

it("every dtype has its datatype", () => {
  for (const dtype of dtypes as readonly DType[]) expect(dtypeOf(datatypeOf(dtype))).toBe(dtype);
  expect(dtypeOf("BF16")).toBeUndefined();
});
