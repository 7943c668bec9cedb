import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dtypeInfo } from "../../tensor/index.ts";
import type { DType } from "../../types/index.ts";
import { readTensor, tensorBytes } from "./tensor-bytes.ts";

/** Like a Node Buffer: its `slice` is a view. */
class Viewing extends Uint8Array<ArrayBuffer> {
  override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(start, end);
  }
}

const dtypes: readonly DType[] = ["float32", "float64", "int64", "uint16", "float16", "int8", "bool"];

describe("readTensor", () => {
  it("gives back what tensorBytes gives, bit for bit, wherever the bytes lie", () => {
    const anywhere = fc.tuple(fc.constantFrom(...dtypes), fc.uint8Array({ maxLength: 64 }), fc.nat(9));
    fc.assert(
      fc.property(anywhere, ([dtype, bytes, offset]) => {
        const size = bytes.length - (bytes.length % dtypeInfo(dtype).bytes);
        const whole = new ArrayBuffer(offset + size);
        const given = new Viewing(whole, offset);
        given.set(bytes.subarray(0, size));
        const { tensor, owned } = readTensor(given, { name: "x", dtype, shape: ["n"] }, undefined);
        expect(tensor.dims).toEqual([size / dtypeInfo(dtype).bytes]);
        expect(Array.from(tensorBytes(tensor) as Uint8Array)).toEqual(Array.from(given));
        if (owned) expect((tensor.data as Uint8Array).buffer.byteLength).toBe(size);
      }),
    );
  });

  it("keeps NaN and −0", () => {
    const bytes = new Uint8Array(Float32Array.of(-0, Number.NaN).buffer);
    const { data } = readTensor(bytes, { name: "x", dtype: "float32", shape: [2] }, undefined).tensor;
    expect(Array.from(data as Float32Array)).toEqual([-0, Number.NaN]);
  });
});
