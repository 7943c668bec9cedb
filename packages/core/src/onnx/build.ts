import { create } from "@bufbuild/protobuf";
import { GraphProtoSchema, ModelProtoSchema, NodeProtoSchema, TensorProtoSchema, ValueInfoProtoSchema } from "onnx-buf";
import type { Dim, DType, ModelMetadata, Tensor } from "../types/index.ts";
import { type AttributeValue, toAttribute } from "./attribute.ts";
import { dataTypeOf } from "./data-type.ts";
import type { GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from "./proto.ts";
import { toTensorProto } from "./tensor-proto.ts";

/** A node: `node("Gemm", ["x", "w", "b"], ["y"], { transB: 1, alpha: float(1) })`. */
export function node(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
  options: { readonly name?: string | undefined; readonly domain?: string | undefined } = {},
): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    input: [...inputs],
    output: [...outputs],
    name: options.name ?? "",
    domain: options.domain ?? "",
    attribute: Object.entries(attributes).map(([name, value]) => toAttribute(name, value)) as never,
  }) as unknown as NodeProto;
}

/** The name and type of an input, output or intermediate value. A string in `shape` is a free dimension, `""` one without a name. */
export function value(name: string, dtype: DType, shape: readonly Dim[]): ValueInfoProto {
  const dim = shape.map((size) => ({
    value:
      typeof size === "number"
        ? { case: "dimValue", value: BigInt(size) }
        : size === ""
          ? { case: undefined }
          : { case: "dimParam", value: size },
  }));
  const type = { value: { case: "tensorType", value: { elemType: dataTypeOf(dtype), shape: { dim } } } };
  return create(ValueInfoProtoSchema, { name, type: type as never }) as unknown as ValueInfoProto;
}

/** A constant of the graph, such as a weight. The file's bytes are those of `tensor.data` when the model is written. */
export function initializer(name: string, tensor: Tensor): TensorProto {
  return toTensorProto(tensor, name);
}

/** A constant whose elements lie in another file: `length` bytes from `offset` (default 0), little-endian. */
export function externalInitializer(
  name: string,
  options: {
    readonly dtype: DType;
    readonly dims: readonly number[];
    readonly location: string;
    readonly offset?: number;
    readonly length: number;
  },
): TensorProto {
  const { dtype, dims, location, offset = 0, length } = options;
  const entries = { location, offset, length };
  const externalData = Object.entries(entries).map(([key, entry]) => ({ key, value: String(entry) }));
  return create(TensorProtoSchema, {
    name,
    dataType: dataTypeOf(dtype),
    dims: dims.map(BigInt),
    dataLocation: 1,
    externalData,
  }) as unknown as TensorProto;
}

/** The parts of a graph. */
export interface GraphOptions {
  /** Default: `"graph"`. */
  readonly name?: string | undefined;
  /** In topological order. */
  readonly nodes: readonly NodeProto[];
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  readonly initializers?: readonly TensorProto[] | undefined;
}

/** A graph. */
export function graph({ name = "graph", nodes, inputs, outputs, initializers = [] }: GraphOptions): GraphProto {
  return create(GraphProtoSchema, {
    name,
    node: [...nodes] as never,
    input: [...inputs] as never,
    output: [...outputs] as never,
    initializer: [...initializers] as never,
  }) as unknown as GraphProto;
}

/** What a model holds beside its graph. */
export interface ModelOptions {
  /** Version of `ai.onnx`. Default: 17, which every runtime since 2022 has. */
  readonly opset?: number | undefined;
  /** Versions of other domains, e.g. `{ "ai.onnx.ml": 3 }`. */
  readonly opsets?: Readonly<Record<string, number>> | undefined;
  /** Version of the file format. Default: 8. */
  readonly irVersion?: number | undefined;
  /** Default: `"predikt"`. */
  readonly producer?: string | undefined;
  /** The file's `metadata_props`. */
  readonly metadata?: ModelMetadata | undefined;
}

/** A model. */
export function model(graphProto: GraphProto, options: ModelOptions = {}): ModelProto {
  const { opset = 17, opsets = {}, irVersion = 8, producer = "predikt", metadata = {} } = options;
  const versions = Object.entries({ "": opset, ...opsets });
  return create(ModelProtoSchema, {
    irVersion: BigInt(irVersion),
    opsetImport: versions.map(([domain, version]) => ({ domain, version: BigInt(version) })),
    producerName: producer,
    graph: graphProto as never,
    metadataProps: Object.entries(metadata).map(([key, entry]) => ({ key, value: entry })),
  }) as unknown as ModelProto;
}
