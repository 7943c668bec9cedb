import { describe, expect, it } from "vitest";
import type { Tensor } from "../types/index.ts";
import { fromRuntimeTensors, runtimeOutput, toRuntimeTensors } from "./tensors.ts";

/** As onnxruntime-common's: where the platform has Float16Array, it makes one of the bits. */
class RuntimeTensor {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];

  constructor(type: "float32", data: Float32Array, dims: readonly number[]) {
    this.type = type;
    this.data = (type as string) === "float16" ? new Float64Array(data.length) : data;
    this.dims = dims;
  }
}

const of = (type: string, data: unknown, dims: number[] = [1]): Tensor => ({ type, data, dims }) as Tensor;

describe("feeds", () => {
  it("become the runtime's tensors over the same buffers", () => {
    const data = new Float32Array([1, 2]);
    const { x } = toRuntimeTensors({ x: of("float32", data, [1, 2]) }, RuntimeTensor);
    expect(x).toBeInstanceOf(RuntimeTensor);
    expect(x).toMatchObject({ type: "float32", dims: [1, 2] });
    expect(x?.data).toBe(data);
  });

  it("keep the bits of float16", () => {
    const bits = new Uint16Array([0x3c00]);
    expect(toRuntimeTensors({ x: of("float16", bits) }, RuntimeTensor)["x"]?.data).toBe(bits);
  });

  it("with U+0000 in a text are refused, with its place and not the text", () => {
    const make = () => toRuntimeTensors({ words: of("string", ["a", "se\0cret"], [2]) }, RuntimeTensor);
    expect(make).toThrow(
      expect.objectContaining({
        code: "INPUT_VALUE",
        message: 'input "words[1]": expected text without U+0000, which ONNX Runtime cannot carry, got text with it',
        issues: [expect.objectContaining({ path: "words[1]" })],
      }),
    );
    expect(() => toRuntimeTensors({ words: of("string", ["a"]) }, RuntimeTensor)).not.toThrow();
  });
});

describe("results", () => {
  it("become tensors over the same buffers, those that are asked for only", () => {
    const y = { type: "int64", data: new BigInt64Array([1n]), dims: [1], location: "cpu" };
    const made = fromRuntimeTensors({ y, other: y }, ["y"]);
    expect(made).toEqual({ y: { type: "int64", data: y.data, dims: [1] } });
    expect(made["y"]?.data).toBe(y.data);
  });

  it("give float16 as bits, whatever array they come in", () => {
    const bits = new Uint16Array([1, 0x3c00, 2]);
    expect(fromRuntimeTensors({ y: of("float16", bits) }, ["y"])["y"]?.data).toBe(bits);
    // A Float16Array has these three properties; a view must give its own part of the buffer.
    const float16 = { buffer: bits.buffer, byteOffset: 2, length: 1 };
    expect(fromRuntimeTensors({ y: of("float16", float16) }, ["y"])["y"]?.data).toEqual(new Uint16Array([0x3c00]));
  });
});

describe("an output of the runtime", () => {
  it("is a tensor's spec", () => {
    expect(runtimeOutput({ name: "y", isTensor: true, type: "float32", shape: ["batch", 2] })).toEqual({
      name: "y",
      dtype: "float32",
      shape: ["batch", 2],
    });
  });

  it.each([
    [{ name: "y", isTensor: true, type: "int4", shape: [1] } as const, /output "y" is int4/],
    [{ name: "y", isTensor: false } as const, /output "y" is not a tensor/],
  ])("that JavaScript cannot hold is MODEL_UNSUPPORTED", (metadata, message) => {
    expect(() => runtimeOutput(metadata)).toThrow(
      expect.objectContaining({ code: "MODEL_UNSUPPORTED", message: expect.stringMatching(message) }),
    );
  });
});
