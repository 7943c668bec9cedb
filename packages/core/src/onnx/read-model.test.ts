import { describe, expect, it } from "vitest";
import { tensor } from "../tensor/index.ts";
import type { DType, Tensor } from "../types/index.ts";
import { attributeOf, float } from "./attribute.ts";
import { externalInitializer, graph, initializer, model, node, value } from "./build.ts";
import { inspectModel } from "./inspect.ts";
import type { ModelProto } from "./proto.ts";
import { readModel, writeModel } from "./read-model.ts";
import { fromTensorProto } from "./tensor-proto.ts";

function everything(): ModelProto {
  const body = graph({
    name: "body",
    nodes: [node("Identity", ["go"], ["on"]), node("Relu", ["s"], ["t"], {}, { name: "inner" })],
    inputs: [value("i", "int64", []), value("go", "bool", []), value("s", "float32", ["batch", 3])],
    outputs: [value("on", "bool", []), value("t", "float32", ["batch", 3])],
  });
  return model(
    graph({
      name: "whole",
      nodes: [
        node("Gemm", ["x", "w", ""], ["a"], {
          alpha: float(1),
          transB: 1,
          label: "é",
          list: [1, 2],
          floats: [0.5, 1],
          texts: ["a", "b"],
          big: 2n ** 40n,
        }),
        node("Loop", ["n", "", "a"], ["y"], { body }, { name: "again" }),
        node("DynamicQuantizeLinear", ["y"], ["q", "scale", "zero"]),
        node("Op", ["x"], ["z"], {}, { domain: "com.example" }),
      ],
      inputs: [
        value("x", "float32", ["batch", 3]),
        value("n", "int64", []),
        value("w", "float32", [3, 3]),
        value("free", "string", ["", 2]),
      ],
      outputs: [value("y", "float32", ["batch", 3]), value("q", "uint8", ["batch", 3])],
      initializers: [initializer("w", tensor("float32", [1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3]))],
    }),
    { opset: 17, opsets: { "com.example": 2 }, irVersion: 9, producer: "test", metadata: { author: "me", note: "" } },
  );
}

describe("a model that was written and read again", () => {
  it("is the same, and the same bytes", () => {
    const bytes = writeModel(everything());
    expect(readModel(bytes)).toEqual(everything());
    expect(writeModel(readModel(bytes))).toEqual(bytes);
  });

  it("has its initialisers as views of the file", () => {
    const made = everything();
    const data = made.graph?.initializer[0]?.rawData;
    expect(data?.byteLength).toBe(36);
    const bytes = writeModel(made);
    const raw = readModel(bytes).graph?.initializer[0]?.rawData as Uint8Array;
    expect(raw.buffer).toBe(bytes.buffer);
    bytes[raw.byteOffset] = 99;
    expect(raw[0]).toBe(99);
    // A part of a larger buffer, as Node's file reads give it.
    const around = new Uint8Array(bytes.byteLength + 8);
    around.set(bytes, 8);
    expect(readModel(around.subarray(8)).graph?.initializer[0]?.rawData.buffer).toBe(around.buffer);
  });

  it("keeps fields that this version does not know", () => {
    // Field 999 of the model, a number.
    const bytes = new Uint8Array([...writeModel(everything()), 0xb8, 0x3e, 7]);
    expect(writeModel(readModel(bytes)).byteLength).toBe(bytes.byteLength);
  });
});

describe("inspectModel", () => {
  it("says what the file says of itself", () => {
    const found = inspectModel(writeModel(everything()));
    expect(found.signature).toEqual({
      // w has a value in the file, so that nobody need give it.
      inputs: [
        { name: "x", dtype: "float32", shape: ["batch", 3] },
        { name: "n", dtype: "int64", shape: [] },
        { name: "free", dtype: "string", shape: ["", 2] },
      ],
      outputs: [
        { name: "y", dtype: "float32", shape: ["batch", 3] },
        { name: "q", dtype: "uint8", shape: ["batch", 3] },
      ],
    });
    expect(found.metadata).toEqual({ author: "me", note: "" });
    expect(found.opsets).toEqual({ "": 17, "com.example": 2 });
    expect([found.irVersion, found.producer.name, found.parameters]).toEqual([9, "test", 9]);
    expect(found.batchUnsafeOps).toEqual(["DynamicQuantizeLinear"]);
    expect(found.loops).toEqual(['Loop "again"']);
    expect([found.unsupported, found.untyped, found.externalData]).toEqual([[], [], []]);
  });

  it("lists the nodes in the file's order, those of inner graphs after the node that has them", () => {
    expect(inspectModel(everything()).nodes.map(({ opType }) => opType)).toEqual([
      "Gemm",
      "Loop",
      "Identity",
      "Relu",
      "DynamicQuantizeLinear",
      "Op",
    ]);
    expect(inspectModel(everything()).nodes[0]).toEqual({ name: "", opType: "Gemm", domain: "", inputs: ["x", "w", ""], outputs: ["a"] });
    expect(inspectModel(everything()).nodes[5]).toMatchObject({ opType: "Op", domain: "com.example" });
  });

  it("says which values no predictor has, and which have no type or no rank", () => {
    const made = everything();
    const retype = (at: number, change: (type: { elemType: number; shape?: unknown }) => void): void => {
      const type = made.graph?.input[at]?.type?.value;
      if (type?.case === "tensorType") change(type.value);
    };
    retype(0, (type) => {
      type.elemType = 16;
    });
    retype(1, (type) => {
      delete type.shape;
    });
    delete made.graph?.output[0]?.type;
    const found = inspectModel(made);
    expect(found.unsupported).toEqual([{ kind: "input", name: "x", type: "bfloat16" }]);
    expect(found.untyped).toEqual(["y"]);
    expect(found.signature.inputs[0]).toEqual({ name: "n", dtype: "int64", shape: [], unranked: true });
  });
});

describe("the builder", () => {
  it("gives attributes the type that their value has", () => {
    const [gemm] = readModel(writeModel(everything())).graph?.node ?? [];
    if (gemm === undefined) throw new Error("no node");
    const typed = Object.fromEntries(gemm.attribute.map(({ name, type }) => [name, type]));
    // AttributeProto.AttributeType: 1 FLOAT, 2 INT, 3 STRING, 6 FLOATS, 7 INTS, 8 STRINGS.
    expect(typed).toEqual({ alpha: 1, transB: 2, label: 3, list: 7, floats: 6, texts: 8, big: 2 });
    expect(attributeOf(gemm, "big")?.i).toBe(2n ** 40n);
    expect(new TextDecoder().decode(attributeOf(gemm, "label")?.s)).toBe("é");
    expect(attributeOf(gemm, "beta")).toBeUndefined();
  });

  it("takes and gives tensors of every dtype, their bytes shared", () => {
    const dtypes: DType[] = ["float32", "uint8", "int8", "uint16", "int16", "int32", "bool", "float16", "float64", "uint32"];
    for (const dtype of dtypes) expect(fromTensorProto(initializer("w", tensor(dtype, [1, 0]) as Tensor))).toEqual(tensor(dtype, [1, 0]));
    for (const dtype of ["int64", "uint64"] as const)
      expect(fromTensorProto(initializer("w", tensor(dtype, [1n, 0n]) as Tensor))).toEqual(tensor(dtype, [1n, 0n]));
    expect(fromTensorProto(initializer("w", tensor("string", ["a", "é"])))).toEqual(tensor("string", ["a", "é"]));
    const shared = tensor("float32", [1, 2]);
    expect(initializer("w", shared).rawData.buffer).toBe(shared.data.buffer);
  });

  it("describes external data as the format has it", () => {
    const made = externalInitializer("w", { dtype: "float16", dims: [2, 3], location: "w.bin", offset: 4096, length: 12 });
    expect(made).toMatchObject({ name: "w", dataType: 10, dims: [2n, 3n], dataLocation: 1 });
    expect(made.externalData.map(({ key, value: text }) => [key, text])).toEqual([
      ["location", "w.bin"],
      ["offset", "4096"],
      ["length", "12"],
    ]);
  });
});
