import { type DType, tensor } from "@predikt/core";
import { graph, initializer, inspectModel, type ModelProto, model, node, value, writeModel } from "@predikt/core/onnx";
import { describe, expect, it } from "vitest";
import { slow } from "../../test/models.ts";
import { codeOf, writeModelFile } from "../../test/program.ts";
import { createPredictor } from "./create-predictor.ts";
import type { Execution } from "./options.ts";

const x = () => value("x", "float32", ["batch", 1]);
const y = () => value("y", "float32", ["batch", 1]);
const relu = (opset?: number): ModelProto =>
  model(graph({ nodes: [node("Relu", ["x"], ["y"])], inputs: [x()], outputs: [y()] }), { opset });

/** The same model with another element type for one of its values. */
function retyped(proto: ModelProto, of: "input" | "output", elemType: number): Uint8Array {
  const type = proto.graph?.[of][0]?.type?.value;
  if (type?.case === "tensorType") type.value.elemType = elemType;
  return writeModel(proto);
}

describe.each(["inline", "worker", "process"] as Execution[])("models that cannot be opened, %s", (execution) => {
  const load = (source: Uint8Array | string, options = {}): Promise<unknown> =>
    codeOf(createPredictor({ source, device: "cpu", execution, ...options }));

  it("empty, cut off, or not ONNX", async () => {
    expect(await load(new Uint8Array(0))).toBe("MODEL_INVALID");
    expect(await load(writeModel(relu()).subarray(0, 40))).toBe("MODEL_INVALID");
    expect(await load(writeModelFile(new TextEncoder().encode("<!doctype html>")))).toBe("MODEL_INVALID");
  });

  it("a newer opset or an operator that the runtime does not have", async () => {
    expect(await load(writeModel(relu(999)))).toBe("MODEL_UNSUPPORTED");
    const unknown = graph({ nodes: [node("NoSuchOperator", ["x"], ["y"])], inputs: [x()], outputs: [y()] });
    expect(await load(writeModel(model(unknown)))).toBe("MODEL_UNSUPPORTED");
    const elsewhere = graph({ nodes: [node("Relu", ["x"], ["y"], {}, { domain: "com.example" })], inputs: [x()], outputs: [y()] });
    expect(await load(writeModel(model(elsewhere, { opsets: { "com.example": 1 } })))).toBe("MODEL_UNSUPPORTED");
  });

  it("types that would abort the process, or that no tensor has", async () => {
    for (const type of [16, 17, 21, 22]) expect(await load(retyped(relu(21), "output", type))).toBe("MODEL_UNSUPPORTED");
    expect(await load(retyped(relu(21), "input", 16))).toBe("MODEL_UNSUPPORTED");
    const proto = relu();
    const output = proto.graph?.output[0]?.type;
    if (output !== undefined) output.value = { case: "sequenceType", value: { $typeName: "onnx.TypeProto.Sequence" } };
    expect(await load(writeModel(proto))).toBe("MODEL_UNSUPPORTED");
  });

  it("an output of 4-bit integers whose type only the runtime knows", async () => {
    const cast = graph({ nodes: [node("Cast", ["x"], ["y"], { to: 22 })], inputs: [x()], outputs: [y()] });
    const proto = model(cast, { opset: 21, irVersion: 10 });
    delete proto.graph?.output[0]?.type;
    expect(await load(writeModel(proto))).toMatch(/^MODEL_(UNSUPPORTED|INVALID)$/);
  });

  it("a bomb, unless the limit is raised", async () => {
    const bomb = (elements: number): Uint8Array =>
      writeModel(
        model(
          graph({
            nodes: [
              node("ConstantOfShape", ["shape"], ["zeros"]),
              node("ReduceSum", ["zeros"], ["sum"], { keepdims: 0 }),
              node("Add", ["x", "sum"], ["y"]),
            ],
            inputs: [x()],
            outputs: [y()],
            initializers: [initializer("shape", tensor("int64", [elements]))],
          }),
        ),
      );
    expect(await load(bomb(1e12))).toBe("MODEL_REFUSED");
    expect(await load(bomb(1000), { limits: { maxTensorBytes: 3999 } })).toBe("MODEL_REFUSED");
    expect(await load(bomb(1000), { limits: { maxTensorBytes: 4000 } })).toBe("it resolved");
    expect(await load(bomb(1000), { limits: { maxModelBytes: 10 } })).toBe("MODEL_REFUSED");
  });
});

describe("a model's signature", () => {
  it("has the runtime's types for outputs without one in the file", async () => {
    const proto = model(
      graph({ nodes: [node("Shape", ["x"], ["s"]), node("Relu", ["x"], ["y"])], inputs: [x()], outputs: [value("s", "int64", [2]), y()] }),
    );
    delete proto.graph?.output[0]?.type;
    const predictor = await createPredictor({ source: writeModel(proto), device: "cpu" });
    expect(predictor.info.signature.outputs).toMatchObject([
      { name: "s", dtype: "int64" },
      { name: "y", dtype: "float32", shape: ["batch", 1] },
    ]);
    await predictor.close();
  });

  it("may leave the number of dimensions open", async () => {
    const proto = relu();
    const type = proto.graph?.input[0]?.type?.value;
    if (type?.case === "tensorType") delete type.value.shape;
    const predictor = await createPredictor({ source: writeModel(proto), device: "cpu" });
    expect((await predictor.run({ x: [[[-1, 2]]] }))["y"]).toEqual({ type: "float32", data: new Float32Array([0, 2]), dims: [1, 1, 2] });
    await predictor.close();
  });

  it("carries metadata, digest and size", async () => {
    const source = writeModel(
      model(graph({ nodes: [node("Relu", ["x"], ["y"])], inputs: [x()], outputs: [y()] }), {
        metadata: { name: "ramp", version: "3", note: "a" },
      }),
    );
    const predictor = await createPredictor({ source, device: "cpu" });
    expect(predictor.info).toMatchObject({ name: "ramp", version: "3", modelBytes: source.byteLength, metadata: { note: "a" } });
    expect(predictor.info.digest).toMatch(/^[0-9a-f]{64}$/);
    await predictor.close();
  });
});

describe("batching", () => {
  it("is refused where the file has an operator that mixes rows, before anything runs", async () => {
    const nodes = [node("DynamicQuantizeLinear", ["x"], ["q", "scale", "zero"]), node("DequantizeLinear", ["q", "scale", "zero"], ["y"])];
    const source = writeModel(model(graph({ nodes, inputs: [x()], outputs: [y()] })));
    const error = await createPredictor({ source, device: "cpu", batching: true }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "BATCH_UNSAFE", details: { hazard: expect.stringContaining("DynamicQuantizeLinear") } });
    const predictor = await createPredictor({ source, device: "cpu", batching: "auto" });
    expect(predictor.info.batching).toMatchObject({ enabled: false, reason: expect.stringContaining("DynamicQuantizeLinear") });
    await predictor.close();
  });

  it("is refused where rows turn out to influence one another", async () => {
    const nodes = [node("ReduceMax", ["x"], ["max"], { axes: [0], keepdims: 1 }), node("Div", ["x", "max"], ["y"])];
    const source = writeModel(model(graph({ nodes, inputs: [x()], outputs: [y()] })));
    const load = (): Promise<unknown> => createPredictor({ source, device: "cpu", batching: true, example: { x: [[2]] } });
    expect(await codeOf(load())).toBe("BATCH_UNSAFE");
  });

  it("of every dtype gives what each item gets alone", async () => {
    const dtypes: DType[] = ["int32", "float64", "uint8", "string"];
    for (const dtype of dtypes) {
      const items = value("x", dtype, ["batch"]);
      const source = writeModel(
        model(graph({ nodes: [node("Identity", ["x"], ["y"])], inputs: [items], outputs: [value("y", dtype, ["batch"])] })),
      );
      const predictor = await createPredictor({ source, device: "cpu", batching: true });
      const inputs = dtype === "string" ? ["a", "b", ""] : [1, 2, 3];
      const answers = await Promise.all(inputs.map((input) => predictor.run({ x: [input] })));
      expect(answers.map((answer) => answer["y"]?.data[0])).toEqual(inputs);
      expect(predictor.stats().runs).toBe(1);
      await predictor.close();
    }
  });
});

it("the loops of a model are listed, since nothing bounds them", async () => {
  expect(inspectModel(slow()).loops).toEqual(['Loop "y"']);
  expect(inspectModel(writeModel(relu())).loops).toEqual([]);
  const predictor = await createPredictor({ source: slow(), device: "cpu", warmup: false });
  const x = tensor("float32", new Float32Array(256).fill(2), [1, 256]);
  // Each row of the matrix adds up to 1.
  for (const times of [0n, 3n]) expect((await predictor.run({ x, times: tensor("int64", times) }))["y"]?.data[0]).toBeCloseTo(2, 5);
  await predictor.close();
});
