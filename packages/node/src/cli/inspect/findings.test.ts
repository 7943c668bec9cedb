import { graph, type ModelProto, model, node, value, writeModel } from "@predikt/core/onnx";
import { expect, it } from "vitest";
import { createReport } from "./report.ts";

const idsOf = async (proto: ModelProto): Promise<string[]> =>
  (await createReport(writeModel(proto), "m", undefined)).findings.map(({ level, id }) => `${level} ${id}`);

const identity = (inputs: Parameters<typeof graph>[0]["inputs"], outputs = inputs): ModelProto =>
  model(graph({ nodes: [node("Identity", ["x"], ["y"])], inputs, outputs }));

it("finds nothing in a plain model", async () => {
  expect(await idsOf(identity([value("x", "float32", ["batch", 4])], [value("y", "float32", ["batch", 4])]))).toEqual([]);
});

it("tells free axes, a fixed batch, scalars and wide or narrow numbers", async () => {
  expect(await idsOf(identity([value("x", "int64", ["batch", "length", ""])]))).toEqual(["note 64-bit", "note dynamic-axes"]);
  expect(await idsOf(identity([value("x", "float16", [1, 4])]))).toEqual(["note float16", "note fixed-batch"]);
  expect(await idsOf(identity([value("x", "float32", [])]))).toEqual(["note scalar-input"]);
});

it("warns of rows that influence one another, of loops, and of operators that the runtime may not have", async () => {
  const quantised = graph({
    nodes: [node("DynamicQuantizeLinear", ["x"], ["y", "scale", "zero"])],
    inputs: [value("x", "float32", ["batch", 4])],
    outputs: [value("y", "uint8", ["batch", 4])],
  });
  expect(await idsOf(model(quantised))).toEqual(["warning batch-unsafe"]);
  const body = graph({
    name: "body",
    nodes: [node("Identity", ["c"], ["d"])],
    inputs: [value("i", "int64", []), value("c", "bool", [])],
    outputs: [value("d", "bool", [])],
  });
  const loop = graph({
    nodes: [node("Loop", ["n", "yes"], [], { body }), node("Identity", ["x"], ["y"])],
    inputs: [value("x", "float32", ["batch"]), value("n", "float32", ["batch"]), value("yes", "bool", ["batch"])],
    outputs: [value("y", "float32", ["batch"])],
  });
  expect(await idsOf(model(loop))).toEqual(["warning loops"]);
});

it("an error is what no predictor takes", async () => {
  const strange = graph({
    nodes: [{ ...node("Identity", ["x"], ["y"]), domain: "acme" }],
    inputs: [value("x", "float32", ["batch"])],
    outputs: [value("y", "float32", ["batch"])],
  });
  expect(await idsOf(model(strange))).toEqual(["error model-unsupported"]);
});
