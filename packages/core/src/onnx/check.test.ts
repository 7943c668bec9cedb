import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { FunctionProtoSchema, SparseTensorProtoSchema } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { isPrediktError } from "../errors/index.ts";
import { tensor } from "../tensor/index.ts";
import { graph, initializer, model, node, value } from "./build.ts";
import { type CheckLimits, checkModel } from "./check.ts";
import { dataTypeOf } from "./data-type.ts";
import type { GraphProto, ModelProto, NodeProto, TensorProto } from "./proto.ts";
import { writeModel } from "./read-model.ts";

const x = value("x", "float32", ["batch", 1]);
const y = value("y", "float32", ["batch", 1]);
const relu = node("Relu", ["x"], ["y"]);
const of = (nodes: readonly NodeProto[] = [relu], initializers: TensorProto[] = [], opset = 17): ModelProto =>
  model(graph({ nodes, inputs: [x], outputs: [y], initializers }), { opset });

function codeOf(source: ModelProto | Uint8Array, limits?: CheckLimits): string {
  try {
    checkModel(source instanceof Uint8Array ? source : writeModel(source), limits);
  } catch (error) {
    return isPrediktError(error) ? error.code : String(error);
  }
  return "passed";
}

/** Graphs within graphs, so many that the innermost node stands at that depth. */
function nested(depth: number): ModelProto {
  let inner: GraphProto = graph({ nodes: [node("Relu", ["x"], ["z"])], inputs: [], outputs: [value("z", "float32", [1])] });
  for (let i = 1; i < depth; i++)
    inner = graph({ nodes: [node("If", ["c"], ["z"], { then_branch: inner })], inputs: [], outputs: [value("z", "float32", [1])] });
  return of([relu, node("If", ["c"], ["z"], { then_branch: inner })]);
}

/** A message of nothing but field `no`, nested: its own length, and what is inside. */
function nestedBytes(path: readonly number[]): Uint8Array {
  let bytes: number[] = [];
  for (const no of [...path].reverse()) {
    const length: number[] = [];
    for (let left = bytes.length; ; left >>>= 7) {
      length.push(left > 127 ? (left & 127) | 128 : left);
      if (left <= 127) break;
    }
    bytes = [(no << 3) | 2, ...length, ...bytes];
  }
  return new Uint8Array(bytes);
}

describe("checkModel's limits", () => {
  it.each<[string, ModelProto, CheckLimits, CheckLimits]>([
    ["bytes of the file", of(), { maxModelBytes: 20 }, { maxModelBytes: 200 }],
    ["nodes", of([relu, node("Relu", ["x"], ["z"])]), { maxNodes: 1 }, { maxNodes: 2 }],
    ["graphs within graphs", nested(3), { maxDepth: 2 }, { maxDepth: 3 }],
    [
      "bytes of a tensor",
      of([node("Constant", [], ["s"], { value: tensor("int64", [25]) }), node("ConstantOfShape", ["s"], ["z"]), relu]),
      { maxTensorBytes: 99 },
      { maxTensorBytes: 100 },
    ],
  ])("refuse more than so many %s", (_, made, tooSmall, enough) => {
    expect([codeOf(made, tooSmall), codeOf(made, enough), codeOf(made)]).toEqual(["MODEL_REFUSED", "passed", "passed"]);
  });

  it("refuse more than so many functions, and more nodes than those that are called", () => {
    const made = of([relu, node("F", ["x"], ["z"], {}, { domain: "own" }), node("F", ["x"], ["v"], {}, { domain: "own" })]);
    const body = [node("Relu", ["x"], ["a"]), node("Relu", ["a"], ["z"])];
    made.functions.push(
      create(FunctionProtoSchema, { name: "F", domain: "own", input: ["x"], output: ["z"], node: body as never }) as never,
    );
    expect([codeOf(made, { maxFunctions: 0 }), codeOf(made, { maxFunctions: 1 })]).toEqual(["MODEL_REFUSED", "passed"]);
    expect([codeOf(made, { maxNodes: 6 }), codeOf(made, { maxNodes: 7 })]).toEqual(["MODEL_REFUSED", "passed"]);
  });

  it("name what is unsupported: newer opsets, unknown domains", () => {
    expect([codeOf(of([relu], [], 18), { maxOpset: 17 }), codeOf(of([relu], [], 17), { maxOpset: 17 })]).toEqual([
      "MODEL_UNSUPPORTED",
      "passed",
    ]);
    const stranger = of([relu, node("Op", ["x"], ["z"], {}, { domain: "com.example" })]);
    expect([codeOf(stranger), codeOf(stranger, { domains: ["com.example"] })]).toEqual(["MODEL_UNSUPPORTED", "passed"]);
  });

  it("need a graph with an output", () => {
    const made = of();
    (made.graph as GraphProto).output = [];
    expect(codeOf(made)).toBe("MODEL_INVALID");
    delete made.graph;
    expect(codeOf(made)).toBe("MODEL_INVALID");
  });
});

describe("checkModel and a tensor's elements", () => {
  const holding = (fields: Partial<TensorProto>): string => {
    const made = initializer("w", tensor("float32", [1]));
    return codeOf(of([relu], [Object.assign(made, { rawData: new Uint8Array(0) }, fields)]));
  };
  const tera = [1_000_000_000_000n];

  it.each<[string, Partial<TensorProto>]>([
    ["raw float32", { dims: tera, rawData: new Uint8Array(4) }],
    ["float32 one by one", { dims: tera, floatData: [1] }],
    ["int64 one by one", { dims: tera, dataType: 7, int64Data: [1n] }],
    ["float64 one by one", { dims: tera, dataType: 11, doubleData: [1] }],
    ["uint64 one by one", { dims: tera, dataType: 13, uint64Data: [1n] }],
    ["bool one by one", { dims: tera, dataType: 9, int32Data: [1] }],
    ["int4, two to a place", { dims: tera, dataType: 22, int32Data: [1] }],
    ["complex numbers, two places each", { dims: tera, dataType: 14, floatData: [1, 1] }],
    ["strings", { dims: tera, dataType: 8, stringData: [new Uint8Array(1)] }],
    ["strings as raw data", { dims: [1n], dataType: 8, rawData: new Uint8Array(1) }],
    ["elements in another type's list", { dims: [1n], dataType: 7, floatData: [1] }],
    ["no elements", { dims: [1n] }],
    ["more than the dims say", { dims: [1n], floatData: [1, 2] }],
    ["a type that does not exist", { dims: tera, dataType: 99, floatData: [1] }],
    ["a negative dimension", { dims: [-1n], floatData: [1] }],
    ["more elements than numbers can count", { dims: [2n ** 40n, 2n ** 40n], floatData: [1] }],
  ])("refuses %s that do not fit its dims", (_, fields) => {
    expect(holding(fields)).toBe("MODEL_INVALID");
  });

  it.each<[string, Partial<TensorProto>]>([
    ["float32", { dims: [2n], floatData: [1, 2] }],
    ["float16", { dims: [2n], dataType: 10, int32Data: [1, 2] }],
    ["int64", { dims: [1n], dataType: 7, int64Data: [1n] }],
    ["int4", { dims: [3n], dataType: 22, int32Data: [1, 2] }],
    ["complex64", { dims: [1n], dataType: 14, floatData: [1, 2] }],
    ["strings", { dims: [1n], dataType: dataTypeOf("string"), stringData: [new Uint8Array(1)] }],
    ["nothing", { dims: [0n] }],
  ])("lets pass %s that fit them", (_, fields) => {
    expect(holding(fields)).toBe("passed");
  });

  it.each(["an initialiser", "an attribute"])("refuses a sparse tensor whose zeros need too much, as %s", (place) => {
    const sparse = (dims: bigint[]): never =>
      create(SparseTensorProtoSchema, {
        values: initializer("s", tensor("float32", [1])) as never,
        indices: initializer("i", tensor("int64", [0])) as never,
        dims,
      }) as never;
    const made = (dims: bigint[]): ModelProto => {
      const constant = node("Constant", [], ["c"], { sparse_value: 0 });
      Object.assign(constant.attribute[0] as object, { type: 11, sparseTensor: sparse(dims) });
      const whole = of(place === "an attribute" ? [constant, relu] : [relu]);
      if (place !== "an attribute") whole.graph?.sparseInitializer.push(sparse(dims));
      return whole;
    };
    expect([codeOf(made([9n])), codeOf(made(tera)), codeOf(made([0n])), codeOf(made([-1n]))]).toEqual([
      "passed",
      "MODEL_REFUSED",
      "MODEL_INVALID",
      "MODEL_INVALID",
    ]);
  });
});

describe("checkModel and files that readers may take for different things", () => {
  it("refuses ONNX Runtime's own format, even where the file is ONNX too", () => {
    const made = of();
    // producer_name, written first, puts four letters of its own at the place where the runtime looks for its mark.
    const polyglot = new Uint8Array([0x12, 0x06, 0, 0, ...new TextEncoder().encode("ORTM"), ...writeModel(made)]);
    expect(codeOf(polyglot)).toBe("MODEL_UNSUPPORTED");
    polyglot[4] = 0x30;
    expect(codeOf(polyglot)).toBe("passed");
  });

  it("refuses an attribute, and a function, that is there twice", () => {
    const twice = node("Relu", ["x"], ["y"], { a: 1 });
    twice.attribute.push(...twice.attribute);
    expect(codeOf(of([twice]))).toBe("MODEL_INVALID");
    const made = of();
    const one = create(FunctionProtoSchema, { name: "F", domain: "own" }) as never;
    made.functions.push(one, one);
    expect(codeOf(made)).toBe("MODEL_INVALID");
  });
});

describe("checkModel and hostile bytes", () => {
  it("refuses a file that is cut off at any byte, or passes what is left", () => {
    const whole = writeModel(of([relu], [initializer("w", tensor("float32", [1, 2, 3]))]));
    const codes = Array.from(whole, (_, end) => codeOf(whole.subarray(0, end)));
    expect([...new Set(codes)].sort()).toEqual(["MODEL_INVALID", "passed"]);
    expect(codes.filter((code) => code === "passed").length).toBeLessThan(5);
  });

  it("refuses graphs within graphs without end", () => {
    // ModelProto.graph, and then GraphProto.node, NodeProto.attribute, AttributeProto.g over and over.
    const deep = (times: number): Uint8Array => nestedBytes([7, ...Array.from({ length: times }, () => [1, 5, 6]).flat()]);
    expect(codeOf(deep(3000))).toBe("MODEL_REFUSED");
    expect(codeOf(deep(2))).toBe("MODEL_INVALID");
  });

  it("refuses numbers without end, and lengths beyond the file", () => {
    expect(codeOf(new Uint8Array([0x08, ...new Uint8Array(11).fill(0xff), 1]))).toBe("MODEL_INVALID");
    expect(codeOf(new Uint8Array([0x3a, 0xff, 0xff, 0xff, 0xff, 0x07]))).toBe("MODEL_INVALID");
    expect(codeOf(new Uint8Array(0))).toBe("MODEL_INVALID");
  });

  it("gives an error with a code, whatever the bytes", () => {
    const whole = writeModel(
      of([node("Constant", [], ["s"], { value: tensor("int64", [2]) }), node("ConstantOfShape", ["s"], ["z"]), relu]),
    );
    const flips = fc.array(fc.tuple(fc.nat(whole.byteLength - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(flips, (changes) => {
        const bytes = whole.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        expect(codeOf(bytes)).toMatch(/^(passed|MODEL_(INVALID|REFUSED|UNSUPPORTED))$/);
      }),
      { numRuns: 500 },
    );
  });
});
