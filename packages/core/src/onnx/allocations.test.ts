import { create } from "@bufbuild/protobuf";
import { FunctionProtoSchema } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { isPrediktError } from "../errors/index.ts";
import { tensor } from "../tensor/index.ts";
import { type AttributeValue, float } from "./attribute.ts";
import { graph, initializer, model, node, value } from "./build.ts";
import { type CheckLimits, checkModel } from "./check.ts";
import type { FunctionProto, GraphProto, ModelProto, NodeProto, TensorProto } from "./proto.ts";
import { writeModel } from "./read-model.ts";

const tera = 1e12;
const ints = (...list: number[]) => tensor("int64", list);
const scalar = (size: number) => tensor("int64", BigInt(size));
const constant = (name: string, of: AttributeValue): NodeProto => node("Constant", [], [name], { value: of });
/** float32 zeros of those dims. */
const zeros = (name: string, ...dims: number[]): NodeProto[] => [
  constant(`${name}_dims`, ints(...dims)),
  node("ConstantOfShape", [`${name}_dims`], [name]),
];
/** Zeros whose one dimension is the int64 `size`, a tensor of one dimension. */
const sized = (size = "size"): NodeProto => node("ConstantOfShape", [size], ["bomb"]);

const x = value("x", "float32", ["batch", 1]);
const y = value("y", "float32", ["batch", 1]);
const tail = node("Relu", ["x"], ["y"]);

function modelOf(nodes: readonly NodeProto[], more: { initializers?: TensorProto[]; functions?: FunctionProto[] } = {}): ModelProto {
  const made = model(graph({ nodes: [...nodes, tail], inputs: [x], outputs: [y], initializers: more.initializers ?? [] }));
  made.functions.push(...(more.functions ?? []));
  return made;
}

function codeOf(made: ModelProto, limits?: CheckLimits): string {
  try {
    checkModel(writeModel(made), limits);
  } catch (error) {
    return isPrediktError(error) ? error.code : String(error);
  }
  return "passed";
}

function functionOf(
  name: string,
  input: string[],
  output: string[],
  nodes: readonly NodeProto[],
  attribute: readonly string[] = [],
): FunctionProto {
  return create(FunctionProtoSchema, {
    name,
    domain: "own",
    input,
    output,
    attribute: [...attribute],
    node: [...nodes] as never,
    opsetImport: [{ domain: "", version: 17n }],
  }) as unknown as FunctionProto;
}

const call = (name: string, inputs: string[], outputs: string[], attributes = {}): NodeProto =>
  node(name, inputs, outputs, attributes, { domain: "own" });

/** Each asks for 10^12 elements or more in its own way. */
const bombs: Readonly<Record<string, readonly NodeProto[]>> = {
  ConstantOfShape: zeros("bomb", tera),
  "ConstantOfShape of two dims": zeros("bomb", 1e6, 1e6),
  "Reshape before it": [constant("a", scalar(tera)), constant("b", ints(1)), node("Reshape", ["a", "b"], ["size"]), sized()],
  "Neg and Abs": [constant("a", ints(-tera)), node("Neg", ["a"], ["b"]), node("Abs", ["b"], ["size"]), sized()],
  Slice: [
    constant("a", ints(1, tera)),
    constant("one", ints(1)),
    constant("end", ints(9)),
    node("Slice", ["a", "one", "end"], ["size"]),
    sized(),
  ],
  Max: [constant("a", ints(1)), constant("b", ints(tera)), node("Max", ["a", "b"], ["size"]), sized()],
  ReduceProd: [constant("a", ints(1e6, 1e6)), node("ReduceProd", ["a"], ["size"], { keepdims: 1 }), sized()],
  "Sum of three": [constant("a", ints(tera)), node("Sum", ["a", "a", "a"], ["size"]), sized()],
  "Gather from a long table": [
    constant("a", tensor("int64", new BigInt64Array(1000).fill(BigInt(tera)))),
    constant("at", ints(777)),
    node("Gather", ["a", "at"], ["size"]),
    sized(),
  ],
  "uint64 and Cast": [constant("a", tensor("uint64", [BigInt(tera)])), node("Cast", ["a"], ["size"], { to: 7 }), sized()],
  "float16 and Cast": [
    constant("a", tensor("float16", [10000])),
    node("Cast", ["a"], ["b"], { to: 7 }),
    node("Mul", ["b", "b"], ["c"]),
    node("Mul", ["b", "c"], ["size"]),
    sized(),
  ],
  "Concat, Split, Unsqueeze": [
    constant("a", scalar(tera)),
    constant("zero", ints(0)),
    node("Unsqueeze", ["a", "zero"], ["b"]),
    node("Concat", ["zero", "b"], ["c"], { axis: 0 }),
    node("Split", ["c"], ["d", "size"], { axis: 0 }),
    sized(),
  ],
  "Where, Mod and Pow": [
    constant("a", ints(10)),
    constant("twelve", ints(12)),
    node("Pow", ["a", "twelve"], ["big"]),
    node("Mod", ["twelve", "a"], ["two"]),
    node("Greater", ["two", "twelve"], ["no"]),
    node("Where", ["no", "a", "big"], ["size"]),
    sized(),
  ],
  "NonZero and Shape": [
    ...zeros("many", 1000),
    constant("a", ints(1000)),
    node("NonZero", ["many"], ["none"]),
    node("Shape", ["none"], ["b"]),
    constant("one", ints(1)),
    node("Gather", ["b", "one"], ["zero"]),
    node("Sub", ["a", "zero"], ["thousand"]),
    constant("giga", ints(1e9)),
    node("Mul", ["thousand", "giga"], ["size"]),
    sized(),
  ],
  value_ints: [node("Constant", [], ["size"], { value_ints: [tera] }), sized()],
  value_float: [
    node("Constant", [], ["a"], { value_float: float(1e12) }),
    node("Cast", ["a"], ["b"], { to: 7 }),
    constant("zero", ints(0)),
    node("Unsqueeze", ["b", "zero"], ["size"]),
    sized(),
  ],
  Expand: [constant("one", tensor("float32", [1])), constant("size", ints(tera)), node("Expand", ["one", "size"], ["bomb"])],
  "Expand of an input": [constant("size", ints(tera, 1)), node("Expand", ["x", "size"], ["bomb"])],
  "Expand of strings": [constant("a", tensor("string", ["a"])), constant("size", ints(4e7)), node("Expand", ["a", "size"], ["bomb"])],
  "strings that double": [
    constant("s0", tensor("string", ["0123456789abcdef"])),
    ...Array.from({ length: 40 }, (_, i) => node("StringConcat", [`s${i}`, `s${i}`], [`s${i + 1}`])),
  ],
  Tile: [constant("one", tensor("float32", [1])), constant("size", ints(tera)), node("Tile", ["one", "size"], ["bomb"])],
  "Pad with axes": [
    constant("one", tensor("float32", [1, 1], [1, 2])),
    constant("pads", ints(0, tera)),
    constant("axes", ints(-1)),
    node("Pad", ["one", "pads", "", "axes"], ["bomb"]),
  ],
  "Resize with axes": [
    constant("one", tensor("float32", [1], [1, 1])),
    constant("sizes", ints(tera)),
    node("Resize", ["one", "", "", "sizes"], ["bomb"], { axes: [1] }),
  ],
  "Resize by scales": [
    constant("one", tensor("float32", [1], [1, 1])),
    constant("scales", tensor("float32", [1, 1e12])),
    node("Resize", ["one", "", "scales"], ["bomb"]),
  ],
  Upsample: [constant("one", tensor("float32", [1])), node("Upsample", ["one"], ["bomb"], { scales: float([1e12]) })],
  Range: [constant("a", scalar(0)), constant("b", scalar(tera)), constant("c", scalar(1)), node("Range", ["a", "b", "c"], ["bomb"])],
  "com.microsoft.Range": [
    constant("a", scalar(0)),
    constant("b", scalar(tera)),
    node("Range", ["a", "b"], ["bomb"], {}, { domain: "com.microsoft" }),
  ],
  OneHot: [
    constant("a", ints(0)),
    constant("depth", scalar(tera)),
    constant("values", tensor("float32", [0, 1])),
    node("OneHot", ["a", "depth", "values"], ["bomb"]),
  ],
  RandomNormal: [node("RandomNormal", [], ["bomb"], { shape: [3e6, 3e6] })],
  HannWindow: [constant("size", scalar(tera)), node("HannWindow", ["size"], ["bomb"])],
  HammingWindow: [constant("size", scalar(tera)), node("HammingWindow", ["size"], ["bomb"])],
  BlackmanWindow: [constant("size", scalar(tera)), node("BlackmanWindow", ["size"], ["bomb"])],
  MelWeightMatrix: [
    constant("bins", scalar(1e6)),
    constant("length", scalar(2e6)),
    node("MelWeightMatrix", ["bins", "length", "bins", "bins", "bins"], ["bomb"]),
  ],
  Multinomial: [constant("p", tensor("float32", [1], [1, 1])), node("Multinomial", ["p"], ["bomb"], { sample_size: tera })],
  "Conv with pads": [constant("a", tensor("float32", [1], [1, 1, 1])), node("Conv", ["a", "a"], ["bomb"], { pads: [0, tera] })],
  "Conv of many channels": [...zeros("a", 1, 1, 1e6), ...zeros("w", 1e6, 1, 1), node("Conv", ["a", "w"], ["bomb"])],
  "ConvTranspose with strides": [
    constant("a", tensor("float32", [1, 1], [1, 1, 2])),
    constant("w", tensor("float32", [1], [1, 1, 1])),
    node("ConvTranspose", ["a", "w"], ["bomb"], { strides: [tera] }),
  ],
  "MaxPool with pads": [
    constant("a", tensor("float32", [1], [1, 1, 1])),
    node("MaxPool", ["a"], ["bomb"], { kernel_shape: [tera], pads: [tera - 1, tera - 1] }),
  ],
  "Gemm, an outer product": [...zeros("a", 1e6, 1), ...zeros("b", 1, 1e6), node("Gemm", ["a", "b"], ["bomb"])],
  "MatMul, an outer product": [...zeros("a", 1e6, 1), ...zeros("b", 1, 1e6), node("MatMul", ["a", "b"], ["bomb"])],
  "Einsum, an outer product": [...zeros("a", 1e6), node("Einsum", ["a", "a"], ["bomb"], { equation: "i,j->ij" })],
  "LeakyRelu, Transpose, and a broadcasting Add": [
    ...zeros("a", 1e6, 1),
    node("LeakyRelu", ["a"], ["b"]),
    node("Transpose", ["b"], ["c"]),
    node("Add", ["b", "c"], ["bomb"]),
  ],
  "a broadcasting Add with an input": [
    ...zeros("a", 1e6, 1),
    node("Add", ["a", "x"], ["b"]),
    ...zeros("c", 1, 1e6),
    node("Add", ["b", "c"], ["bomb"]),
  ],
  "Gather of many rows": [
    ...zeros("rows", 1, 1000),
    constant("zero", tensor("int64", [0])),
    constant("many", ints(1e6)),
    node("Expand", ["zero", "many"], ["at"]),
    node("Gather", ["rows", "at"], ["bomb"]),
  ],
  "a Loop's scanned output": [
    constant("trips", scalar(1e6)),
    node("Loop", ["trips", ""], ["bomb"], {
      body: graph({
        nodes: [node("Identity", ["go"], ["on"]), constant("size", ints(1e6)), node("ConstantOfShape", ["size"], ["row"])],
        inputs: [value("round", "int64", []), value("go", "bool", [])],
        outputs: [value("on", "bool", []), value("row", "float32", [1e6])],
      }),
    }),
  ],
  "either branch of an If": [
    constant("yes", tensor("bool", true)),
    node("If", ["yes"], ["size"], {
      then_branch: graph({ nodes: [constant("a", ints(tera))], inputs: [], outputs: [value("a", "int64", [1])] }),
      else_branch: graph({ nodes: [constant("b", ints(1))], inputs: [], outputs: [value("b", "int64", [1])] }),
    }),
    sized(),
  ],
  TreeEnsembleRegressor: [node("TreeEnsembleRegressor", ["x"], ["bomb"], { n_targets: tera }, { domain: "ai.onnx.ml" })],
};

describe("checkModel refuses a bomb", () => {
  it.each(Object.keys(bombs))("by %s", (name) => {
    expect(codeOf(modelOf(bombs[name] as NodeProto[]))).toBe("MODEL_REFUSED");
  });

  it("in a graph inside a node", () => {
    const branch = (): GraphProto => graph({ nodes: zeros("bomb", tera), inputs: [], outputs: [value("bomb", "float32", [tera])] });
    const yes = constant("yes", tensor("bool", true));
    expect(codeOf(modelOf([yes, node("If", ["yes"], ["z"], { then_branch: branch(), else_branch: branch() })]))).toBe("MODEL_REFUSED");
  });

  it("in a function, whose sizes are the caller's", () => {
    const made = functionOf("Make", ["size"], ["bomb"], [sized()]);
    const of = (size: number): ModelProto => modelOf([constant("s", ints(size)), call("Make", ["s"], ["z"])], { functions: [made] });
    expect([codeOf(of(10)), codeOf(of(tera))]).toEqual(["passed", "MODEL_REFUSED"]);
  });

  it("in a function, whose sizes are the call's attributes or their defaults", () => {
    const shaped = node("RandomNormal", [], ["bomb"], { shape: [] });
    Object.assign(shaped.attribute[0] as object, { refAttrName: "dims" });
    const made = functionOf("Make", [], ["bomb"], [shaped], ["dims"]);
    const of = (size: number): ModelProto => modelOf([call("Make", [], ["z"], { dims: [size] })], { functions: [made] });
    expect([codeOf(of(10)), codeOf(of(tera))]).toEqual(["passed", "MODEL_REFUSED"]);
    const defaults = functionOf("Make", [], ["bomb"], [shaped]);
    defaults.attributeProto = node("", [], [], { dims: [tera] }).attribute;
    expect(codeOf(modelOf([call("Make", [], ["z"])], { functions: [defaults] }))).toBe("MODEL_REFUSED");
  });

  it("in a function that is called often", () => {
    const made = functionOf("Make", [], ["bomb"], zeros("bomb", 2 ** 24));
    const of = (calls: number): ModelProto =>
      modelOf(
        Array.from({ length: calls }, (_, i) => call("Make", [], [`z${i}`])),
        { functions: [made] },
      );
    expect([codeOf(of(10)), codeOf(of(100))]).toEqual(["passed", "MODEL_REFUSED"]);
  });

  it("made of functions that call one another, or themselves", () => {
    const doubling = Array.from({ length: 40 }, (_, i) =>
      functionOf(`F${i}`, [], ["b"], i === 0 ? zeros("b", 1) : [call(`F${i - 1}`, [], ["a"]), call(`F${i - 1}`, [], ["b"])]),
    );
    expect(codeOf(modelOf([call("F39", [], ["z"])], { functions: doubling }))).toBe("MODEL_REFUSED");
    const endless = functionOf("F", [], ["b"], [call("F", [], ["b"])]);
    expect(codeOf(modelOf([call("F", [], ["z"])], { functions: [endless] }))).toBe("MODEL_REFUSED");
  });

  it("behind a function that has an operator's own name", () => {
    const harmless = functionOf("ConstantOfShape", ["size"], ["small"], zeros("small", 1));
    harmless.domain = "";
    expect(codeOf(modelOf(zeros("bomb", tera), { functions: [harmless] }))).toBe("MODEL_REFUSED");
  });

  it.each(["Expand", "Tile"])("of many tensors that are each within the limit, by %s", (opType) => {
    const of = (count: number): ModelProto =>
      modelOf([
        constant("one", tensor("float32", [1])),
        constant("size", ints(2 ** 28)),
        ...Array.from({ length: count }, (_, i) => node(opType, ["one", "size"], [`z${i}`])),
      ]);
    expect([codeOf(of(1)), codeOf(of(200))]).toEqual(["passed", "MODEL_REFUSED"]);
  });

  it("of many tensors that repeat an input", () => {
    const pads = constant("pads", ints(0, 0, 2 ** 27, 0));
    const nodes = Array.from({ length: 9 }, (_, i) => node("Pad", ["x", "pads"], [`z${i}`]));
    expect([codeOf(modelOf([pads, ...nodes.slice(0, 1)])), codeOf(modelOf([pads, ...nodes]))]).toEqual(["passed", "MODEL_REFUSED"]);
  });

  it("whose size constants decide in a way that cannot be followed", () => {
    const hidden = [constant("a", tensor("float32", [27.6])), node("Exp", ["a"], ["b"]), node("Cast", ["b"], ["size"], { to: 7 })];
    expect(codeOf(modelOf([...hidden, sized()]))).toBe("MODEL_REFUSED");
    expect(codeOf(modelOf([...hidden, node("Expand", ["x", "size"], ["z"])]))).toBe("MODEL_REFUSED");
    const wrapped = [constant("a", tensor("int32", [65536])), node("Mul", ["a", "a"], ["b"]), node("Cast", ["b"], ["size"], { to: 7 })];
    expect(codeOf(modelOf([...wrapped, sized()]))).toBe("MODEL_REFUSED");
  });
});

describe("checkModel lets pass", () => {
  it("the kind of architecture that has its weights made by ConstantOfShape", () => {
    const layers = Array.from({ length: 50 }, (_, i) => [
      ...zeros(`w${i}`, 256, 256, 3, 3),
      node("Conv", [i === 0 ? "image" : `r${i - 1}`, `w${i}`], [`c${i}`], { pads: [1, 1, 1, 1] }),
      node("Relu", [`c${i}`], [`r${i}`]),
    ]).flat();
    const inputs = [value("image", "float32", [1, 256, 56, 56])];
    expect(codeOf(model(graph({ nodes: layers, inputs, outputs: [value("r49", "float32", [1, 256, 56, 56])] })))).toBe("passed");
  });

  it("sizes that the inputs decide", () => {
    const nodes = [
      node("Shape", ["x"], ["dims"]),
      node("ConstantOfShape", ["dims"], ["like"]),
      node("Exp", ["x"], ["e"]),
      node("Cast", ["e"], ["many"], { to: 7 }),
      constant("flat", ints(-1)),
      node("Reshape", ["many", "flat"], ["size"]),
      sized(),
    ];
    expect(codeOf(modelOf(nodes))).toBe("passed");
  });

  it("weights that are made floats again, many times over", () => {
    const weights = initializer("w", tensor("uint8", new Uint8Array(2 ** 20), [1024, 1024]));
    const scale = initializer("s", tensor("float32", [0.5], []));
    const nodes = Array.from({ length: 4 }, (_, i) => node("DequantizeLinear", ["w", "s"], [`w${i}`]));
    expect(codeOf(modelOf(nodes, { initializers: [weights, scale] }), { maxTensorBytes: 2 ** 22 })).toBe("passed");
  });

  it("a loop that counts", () => {
    const body = graph({
      nodes: [node("Identity", ["go"], ["on"]), node("Add", ["i", "one"], ["next"]), node("Gather", ["x", "i"], ["row"])],
      inputs: [value("round", "int64", []), value("go", "bool", []), value("i", "int64", [])],
      outputs: [value("on", "bool", []), value("next", "int64", []), value("row", "float32", [1])],
    });
    const loop = node("Loop", ["trips", "yes", "one"], ["last", "rows"], { body });
    expect(codeOf(modelOf([constant("trips", scalar(3)), constant("one", scalar(1)), constant("yes", tensor("bool", true)), loop]))).toBe(
      "passed",
    );
  });
});

describe("checkModel goes by the order of nodes", () => {
  it("a size that comes later, or from outside until it is made again inside, is invalid", () => {
    const [dims, made] = zeros("bomb", tera) as [NodeProto, NodeProto];
    expect(codeOf(modelOf([made, dims]))).toBe("MODEL_INVALID");
    const branch = graph({
      nodes: [node("ConstantOfShape", ["s"], ["bomb"]), constant("s", ints(tera))],
      inputs: [],
      outputs: [value("bomb", "float32", [1])],
    });
    const other = graph({ nodes: [constant("z", tensor("float32", [1]))], inputs: [], outputs: [value("z", "float32", [1])] });
    const nodes = [constant("s", ints(1)), constant("yes", tensor("bool", true))];
    expect(codeOf(modelOf([...nodes, node("If", ["yes"], ["v"], { then_branch: branch, else_branch: other })]))).toBe("MODEL_INVALID");
  });

  it("a value that is given twice is invalid", () => {
    expect(codeOf(modelOf([constant("s", ints(1)), constant("s", ints(tera))]))).toBe("MODEL_INVALID");
    const twice = [initializer("s", ints(1)), initializer("s", ints(tera))];
    expect(codeOf(modelOf([], { initializers: twice }))).toBe("MODEL_INVALID");
  });
});

it("checkModel's work grows with the file, not with its square", () => {
  const branch = (): GraphProto => graph({ nodes: [constant("a", ints(1))], inputs: [], outputs: [value("a", "int64", [1])] });
  const nodes = Array.from({ length: 15_000 }, (_, i) => [
    constant(`c${i}`, tensor("bool", true)),
    node("If", [`c${i}`], [`v${i}`], { then_branch: branch() }),
  ]).flat();
  // Copying what is in scope into each of the graphs would take most of a minute, and the test's time is half of one.
  expect(codeOf(modelOf(nodes))).toBe("passed");
});
