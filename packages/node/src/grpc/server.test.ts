import { type AnyPredictor, createPredictor, type DType, dtypes, type Signature } from "@predikt/core";
import { fakeBackend } from "@predikt/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Message } from "../../test/grpc-client.ts";
import { echo, floats, rawFloats, type Site, startSite } from "../../test/grpc-site.ts";

const two: Signature = {
  inputs: [
    { name: "a", dtype: "float32", shape: ["batch", 2] },
    { name: "b", dtype: "int64", shape: ["batch"] },
  ],
  outputs: [
    { name: "y", dtype: "float32", shape: ["batch", 2] },
    { name: "z", dtype: "int64", shape: ["batch"] },
  ],
};

let site: Site;
beforeAll(async () => {
  const pass = fakeBackend({ signature: two, compute: ({ a, b }) => ({ y: a, z: b }) as never });
  const models = (await Promise.all([
    ...dtypes.map((dtype) => echo(dtype)),
    createPredictor({ name: "two", version: "7", source: "m", backend: pass }),
    createPredictor({ name: "two", version: "8", source: "m", backend: pass }),
  ])) as AnyPredictor[];
  site = await startSite({ models, title: "A server" });
});
afterAll(() => site.close());

const ask = (method: string, request: Message, ...rest: readonly never[]) => site.client.call(method, request, ...rest);
const infer = (request: Message) => ask("ModelInfer", request);

/** For each dtype: its datatype, its field, elements as the other library has them, and their bytes. */
const kinds: Readonly<
  Record<DType, readonly [datatype: string, field: string | undefined, elements: readonly unknown[], bytes: Uint8Array]>
> = {
  bool: ["BOOL", "bool_contents", [true, false], Uint8Array.of(1, 0)],
  uint8: ["UINT8", "uint_contents", [0, 255], Uint8Array.of(0, 255)],
  uint16: ["UINT16", "uint_contents", [0, 65535], view(Uint16Array.of(0, 65535))],
  uint32: ["UINT32", "uint_contents", [0, 4294967295], view(Uint32Array.of(0, 4294967295))],
  uint64: ["UINT64", "uint64_contents", ["0", "18446744073709551615"], view(BigUint64Array.of(0n, 2n ** 64n - 1n))],
  int8: ["INT8", "int_contents", [-128, 127], view(Int8Array.of(-128, 127))],
  int16: ["INT16", "int_contents", [-32768, 32767], view(Int16Array.of(-32768, 32767))],
  int32: ["INT32", "int_contents", [-2147483648, 2147483647], view(Int32Array.of(-2147483648, 2147483647))],
  int64: ["INT64", "int64_contents", ["-9223372036854775808", "9007199254740993"], view(BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n))],
  float16: ["FP16", undefined, [], view(Uint16Array.of(0x3c00, 0xfc00))],
  float32: ["FP32", "fp32_contents", [0.5, -Infinity], view(Float32Array.of(0.5, -Infinity))],
  float64: ["FP64", "fp64_contents", [Number.NaN, Math.PI], view(Float64Array.of(Number.NaN, Math.PI))],
  string: ["BYTES", "bytes_contents", [Buffer.from("a\0é"), Buffer.from("")], Uint8Array.of(4, 0, 0, 0, 97, 0, 195, 169, 0, 0, 0, 0)],
};

function view({ buffer }: { readonly buffer: ArrayBufferLike }): Uint8Array {
  return new Uint8Array(buffer);
}

describe.each(Object.entries(kinds))("%s", (dtype, [datatype, field, elements, bytes]) => {
  const input = { name: "x", datatype, shape: ["2"] };

  it("travels raw", async () => {
    const { reply, error } = await infer({ model_name: dtype, inputs: [input], raw_input_contents: [bytes] });
    expect(error).toBeUndefined();
    expect(reply.outputs).toMatchObject([{ name: "y", datatype, shape: ["2"], contents: null }]);
    expect(reply.raw_output_contents.map((each: Buffer) => new Uint8Array(each))).toEqual([bytes]);
  });

  it("travels typed, where there is a field for it", async () => {
    const { reply, error } = await infer({
      model_name: dtype,
      inputs: [{ ...input, contents: field === undefined ? {} : { [field]: elements } }],
    });
    if (field === undefined) {
      expect(error?.details).toBe("inputs[0].contents: expected raw contents, since FP16 has no typed ones, got none");
      return;
    }
    expect(error).toBeUndefined();
    expect(reply.raw_output_contents).toEqual([]);
    expect(reply.outputs[0].contents[field]).toEqual(elements);
  });

  it("may have no elements", async () => {
    const none = { ...input, shape: ["0"] };
    const raw = await infer({ model_name: dtype, inputs: [none], raw_input_contents: [Buffer.alloc(0)] });
    expect(raw.reply.outputs[0].shape).toEqual(["0"]);
    expect(raw.reply.raw_output_contents[0]).toHaveLength(0);
    if (field !== undefined) expect((await infer({ model_name: dtype, inputs: [none] })).reply.outputs[0].shape).toEqual(["0"]);
  });
});

describe("the service", () => {
  it("says that it lives, that it is ready, and what it is", async () => {
    expect((await ask("ServerLive", {})).reply).toEqual({ live: true });
    expect((await ask("ServerReady", {})).reply).toEqual({ ready: true });
    const { reply } = await ask("ServerMetadata", {});
    expect(reply).toMatchObject({ name: "A server", version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    expect(reply.extensions).toEqual(["classification", "parameters", "schedule_policy", "statistics"]);
  });

  it("describes models", async () => {
    expect((await ask("ModelMetadata", { name: "two" })).reply).toEqual({
      name: "two",
      versions: ["7", "8"],
      platform: "onnx_onnxv1",
      inputs: [
        { name: "a", datatype: "FP32", shape: ["-1", "2"] },
        { name: "b", datatype: "INT64", shape: ["-1"] },
      ],
      outputs: [
        { name: "y", datatype: "FP32", shape: ["-1", "2"] },
        { name: "z", datatype: "INT64", shape: ["-1"] },
      ],
      properties: {},
    });
    expect((await ask("ModelReady", { name: "two", version: "8" })).reply).toEqual({ ready: true });
    expect((await ask("ModelReady", { name: "two", version: "9" })).error?.code).toBe(5);
    expect((await ask("ModelMetadata", { name: "nothing" })).error?.code).toBe(5);
  });

  it("gives requested outputs in their order, echoes the id, and names the version that answered", async () => {
    const request = {
      model_name: "two",
      id: "my id",
      inputs: [
        { name: "b", datatype: "INT64", shape: ["1"] },
        { name: "a", datatype: "FP32", shape: ["1", "2"] },
      ],
      raw_input_contents: [view(BigInt64Array.of(5n)), rawFloats(1, 2)],
    };
    const all = (await infer(request)).reply;
    expect(all).toMatchObject({ model_name: "two", model_version: "7", id: "my id" });
    expect(all.outputs.map(({ name }: Message) => name)).toEqual(["y", "z"]);
    expect(floats(all.raw_output_contents[0])).toEqual([1, 2]);
    const turned = (await infer({ ...request, id: "", model_version: "8", outputs: [{ name: "z" }, { name: "y" }] })).reply;
    expect(turned).toMatchObject({ model_version: "8", id: "" });
    expect(turned.outputs.map(({ name }: Message) => name)).toEqual(["z", "y"]);
    const one = (await infer({ ...request, outputs: [{ name: "z" }] })).reply;
    expect(one.outputs.map(({ name }: Message) => name)).toEqual(["z"]);
    expect(one.raw_output_contents).toHaveLength(1);
  });

  it("answers in the form that is asked for", async () => {
    const x = { name: "x", datatype: "FP32", shape: ["1"] };
    const parameters = (value: boolean) => ({ binary_data_output: { bool_param: value } });
    const typed = await infer({ model_name: "float32", inputs: [x], raw_input_contents: [rawFloats(3)], parameters: parameters(false) });
    expect(typed.reply.outputs[0].contents.fp32_contents).toEqual([3]);
    const raw = await infer({
      model_name: "float32",
      inputs: [{ ...x, contents: { fp32_contents: [3] } }],
      parameters: parameters(true),
    });
    expect(floats(raw.reply.raw_output_contents[0])).toEqual([3]);
  });

  it("gives the best classes where they are asked for", async () => {
    const { reply } = await infer({
      model_name: "two",
      inputs: [
        { name: "a", datatype: "FP32", shape: ["1", "2"] },
        { name: "b", datatype: "INT64", shape: ["1"] },
      ],
      outputs: [{ name: "y", parameters: { classification: { int64_param: 1 } } }],
      raw_input_contents: [rawFloats(0.25, 0.75), view(BigInt64Array.of(5n))],
    });
    expect(reply.outputs).toMatchObject([{ name: "y", datatype: "BYTES", shape: ["1", "1"] }]);
    expect(reply.raw_output_contents[0].subarray(4).toString()).toMatch(/^0\.75.*:1$/);
  });

  it("counts", async () => {
    const { reply } = await ask("ModelStatistics", { name: "two", version: "8" });
    expect(reply.model_stats).toMatchObject([{ name: "two", version: "8", inference_count: "1", execution_count: "1" }]);
    expect(reply.model_stats[0].inference_stats.success.count).toBe("1");
    expect(reply.model_stats[0].batch_stats).toMatchObject([{ batch_size: "1", compute_infer: { count: "1" } }]);
    expect((await ask("ModelStatistics", {})).reply.model_stats).toHaveLength(dtypes.length + 2);
  });

  it("has no control over models unless that is asked for", async () => {
    for (const method of ["RepositoryIndex", "RepositoryModelLoad", "RepositoryModelUnload"])
      expect((await ask(method, {})).error?.code).toBe(12);
  });
});
