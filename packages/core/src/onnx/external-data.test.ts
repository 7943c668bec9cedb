import { create } from "@bufbuild/protobuf";
import { FunctionProtoSchema, SparseTensorProtoSchema, TrainingInfoProtoSchema } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { isPrediktError } from "../errors/index.ts";
import { tensor } from "../tensor/index.ts";
import { externalInitializer, graph, initializer, model, node, value } from "./build.ts";
import { checkModel } from "./check.ts";
import { externalBytes, extractExternalData, inlineExternalData } from "./external-data.ts";
import { inspectModel } from "./inspect.ts";
import type { AttributeProto, GraphProto, ModelProto, TensorProto } from "./proto.ts";
import { readModel, writeModel } from "./read-model.ts";
import { fromTensorProto } from "./tensor-proto.ts";
import { walkTensors } from "./walk.ts";

const four = new Uint8Array(new Float32Array([4]).buffer);
const lying = (location: string, name = "w"): TensorProto =>
  externalInitializer(name, { dtype: "float32", dims: [1], location, length: 4 });

function modelWith(change: (made: ModelProto, graph: GraphProto) => void): ModelProto {
  const made = model(
    graph({
      nodes: [node("Constant", [], ["c"], { value: tensor("float32", [1]) }), node("Add", ["x", "c"], ["y"])],
      inputs: [value("x", "float32", ["batch", 1])],
      outputs: [value("y", "float32", ["batch", 1])],
    }),
  );
  change(made, made.graph as GraphProto);
  return made;
}

const attributeOf = (fields: Partial<AttributeProto>): AttributeProto => {
  const [attribute] = node("", [], [], { value: 0 }).attribute;
  return Object.assign(attribute as AttributeProto, fields);
};
const sparse = (values: TensorProto, indices: TensorProto) =>
  create(SparseTensorProtoSchema, { values: values as never, indices: indices as never, dims: [1n] }) as never;
const indices = (): TensorProto => initializer("i", tensor("int64", [0]));
const holding = (hidden: TensorProto): GraphProto =>
  graph({ nodes: [node("Constant", [], ["c"], { value: tensor("float32", [1]) })], inputs: [], outputs: [], initializers: [hidden] });
const withAttribute = (fields: (hidden: TensorProto) => Partial<AttributeProto>) => (hidden: TensorProto) =>
  modelWith((_, { node: nodes }) => nodes[0]?.attribute.splice(0, 1, attributeOf(fields(hidden))));
const withFunction = (fields: (hidden: TensorProto) => object) => (hidden: TensorProto) =>
  modelWith(({ functions }) => functions.push(create(FunctionProtoSchema, { name: "F", domain: "own", ...fields(hidden) }) as never));

/** Every place of a file where a tensor can stand. */
const carriers: Readonly<Record<string, (hidden: TensorProto) => ModelProto>> = {
  "an initialiser": (hidden) => modelWith((_, own) => own.initializer.push(hidden)),
  "a sparse initialiser's values": (hidden) => modelWith((_, own) => own.sparseInitializer.push(sparse(hidden, indices()))),
  "a sparse initialiser's indices": (hidden) => modelWith((_, own) => own.sparseInitializer.push(sparse(indices(), hidden))),
  "an attribute": withAttribute((t) => ({ t })),
  "a list attribute": withAttribute((hidden) => ({ tensors: [hidden] })),
  "a sparse attribute": withAttribute((hidden) => ({ name: "sparse_value", sparseTensor: sparse(hidden, indices()) })),
  "a list of sparse attributes": withAttribute((hidden) => ({ sparseTensors: [sparse(hidden, indices())] })),
  "a graph in an attribute": withAttribute((hidden) => ({ g: holding(hidden) })),
  "a list of graphs in an attribute": withAttribute((hidden) => ({ graphs: [holding(hidden)] })),
  "a node of a function": withFunction((t) => ({ node: [{ opType: "Constant", attribute: [attributeOf({ t })] }] })),
  "a function's default tensor": withFunction((t) => ({ attributeProto: [attributeOf({ t })] })),
  "a function's default graph": withFunction((hidden) => ({ attributeProto: [attributeOf({ g: holding(hidden) })] })),
  "a training graph": (hidden) =>
    modelWith(({ trainingInfo }) => trainingInfo.push(create(TrainingInfoProtoSchema, { algorithm: holding(hidden) as never }) as never)),
  "a training initialisation": (hidden) =>
    modelWith(({ trainingInfo }) =>
      trainingInfo.push(create(TrainingInfoProtoSchema, { initialization: holding(hidden) as never }) as never),
    ),
};

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return isPrediktError(error) ? error.code : String(error);
  }
  return "passed";
}

describe.each(Object.keys(carriers))("external data in %s", (name) => {
  const made = (location: string): Uint8Array => writeModel((carriers[name] as (hidden: TensorProto) => ModelProto)(lying(location)));

  it("is listed, and refused where it leads elsewhere", () => {
    expect(inspectModel(made("w.bin")).externalData.map(({ location }) => location)).toEqual(["w.bin"]);
    for (const location of ["../.env", "/etc/passwd", "C:/secret", "a/../../b", "a\\b", "", "*/_ORT_MEM_ADDR_/*"])
      expect(codeOf(() => checkModel(made(location)))).toBe("MODEL_REFUSED");
  });

  it("is put into the model", () => {
    const model = inlineExternalData(readModel(made("w.bin")), { "w.bin": four });
    const all = [...walkTensors(readModel(writeModel(model)))];
    expect(all.every(({ dataLocation, externalData }) => dataLocation === 0 && externalData.length === 0)).toBe(true);
    expect(all.filter(({ rawData }) => String(rawData) === String(four))).toHaveLength(1);
    expect(codeOf(() => inlineExternalData(readModel(made("w.bin")), {}))).toBe("MODEL_NOT_FOUND");
    expect(codeOf(() => inlineExternalData(readModel(made("w.bin")), { "w.bin": four.subarray(1) }))).toBe("MODEL_INVALID");
  });
});

describe("external data", () => {
  it("must be described by keys that are known, in numbers that are numbers, of a length that the dims need", () => {
    const check = (key: string, text: string): string => {
      const hidden = lying("w.bin");
      const entry = hidden.externalData.find((found) => found.key === key);
      if (entry === undefined) hidden.externalData.push({ $typeName: "onnx.StringStringEntryProto", key, value: text } as never);
      else entry.value = text;
      return codeOf(() => checkModel(writeModel(modelWith((_, own) => own.initializer.push(hidden)))));
    };
    expect(check("checksum", "x")).toBe("passed");
    for (const [key, text] of [
      ["basepath", ".."],
      ["offset", "-1"],
      ["offset", "0x10"],
      ["length", "8"],
    ] as const)
      expect(check(key, text)).toBe("MODEL_REFUSED");
  });

  it("cannot be strings, whose bytes nobody can count", () => {
    const hidden = Object.assign(lying("w.bin"), { dataType: 8, dims: [1_000_000_000_000n] });
    hidden.externalData = hidden.externalData.filter(({ key }) => key === "location");
    expect(codeOf(() => checkModel(writeModel(modelWith((_, own) => own.initializer.push(hidden)))))).toBe("MODEL_INVALID");
  });

  it("of no stated length goes to what the tensor needs, or to the file's end", () => {
    const external = { tensor: "w", location: "w", offset: 4, length: undefined, needed: 4 };
    expect(externalBytes(external, 100)).toBe(4);
    expect(externalBytes({ ...external, needed: undefined }, 100)).toBe(96);
    expect(codeOf(() => externalBytes(external, 7))).toBe("MODEL_INVALID");
  });

  it("is moved out of a model at offsets that can be mapped, and back", () => {
    const big = tensor(
      "float32",
      Float32Array.from({ length: 1000 }, (_, i) => i),
    );
    const small = tensor("float32", [7]);
    const made = modelWith((_, own) => own.initializer.push(initializer("a", big), initializer("s", small), initializer("b", big)));
    const whole = writeModel(made);
    const file = extractExternalData(made, { location: "weights.bin" });
    const rest = writeModel(made);
    expect(rest.byteLength).toBeLessThan(1000);
    expect(checkModel(rest).inspection.externalData).toEqual([
      { tensor: "a", location: "weights.bin", offset: 0, length: 4000, needed: 4000 },
      { tensor: "b", location: "weights.bin", offset: 4096, length: 4000, needed: 4000 },
    ]);
    const back = inlineExternalData(readModel(rest), { "weights.bin": file });
    expect(back.graph?.initializer.map(fromTensorProto)).toEqual(readModel(whole).graph?.initializer.map(fromTensorProto));
    // Views of the file, not copies of it.
    expect(back.graph?.initializer[0]?.rawData.buffer).toBe(file.buffer);
    expect(extractExternalData(made, { location: "w", minBytes: 1e6 }).byteLength).toBe(0);
  });
});
