import type { Dim, ModelMetadata, Signature, TensorSpec } from "../types/index.ts";
import { dataTypeName, dtypeOf } from "./data-type.ts";
import { type ExternalTensor, externalTensor } from "./external-data.ts";
import type { GraphProto, ModelProto, NodeProto, TypeProto, ValueInfoProto } from "./proto.ts";
import { readModel } from "./read-model.ts";
import { isStandard, nodeText, walkNodes, walkTensors } from "./walk.ts";

/** A node, without its attributes. */
export interface InspectedNode {
  readonly name: string;
  readonly opType: string;
  /** `""` is ai.onnx. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** An input or output that no predictor can take or give, and its type. */
export interface UnsupportedValue {
  readonly kind: "input" | "output";
  readonly name: string;
  readonly type: string;
}

/** What a model file says of itself. */
export interface Inspection {
  /** Inputs that are no initialisers, and outputs; those in `unsupported` and `untyped` are left out. */
  readonly signature: Signature;
  readonly metadata: ModelMetadata;
  /** Version of each operator domain; `""` is ai.onnx. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly irVersion: number;
  readonly producer: { readonly name: string; readonly version: string };
  /** Every node, those of loops' bodies and of functions included. */
  readonly nodes: readonly InspectedNode[];
  /** Elements of all initialisers. */
  readonly parameters: number;
  readonly externalData: readonly ExternalTensor[];
  /** Operators whose rows influence one another within a batch. */
  readonly batchUnsafeOps: readonly string[];
  /** Nodes that repeat a graph, by operator and name: how long they run is their input's choice. */
  readonly loops: readonly string[];
  readonly unsupported: readonly UnsupportedValue[];
  /** Outputs whose type the file does not say; the runtime infers it. */
  readonly untyped: readonly string[];
}

/** They take a scale, a mean or a rank over the whole batch. */
const batchUnsafe = ["DynamicQuantizeLinear", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM", "MatMulIntegerToFloat"];

/**
 * Reads what a model file says of itself, without a runtime.
 *
 * @throws ModelError MODEL_INVALID where it cannot be read, MODEL_REFUSED where its external data cannot be meant well
 */
export function inspectModel(source: Uint8Array | ModelProto): Inspection {
  const model = source instanceof Uint8Array ? readModel(source) : source;
  const graph: Partial<GraphProto> = model.graph ?? {};
  const constants = new Set(graph.initializer?.map(({ name }) => name));
  const unsupported: UnsupportedValue[] = [];
  const untyped: string[] = [];
  const specs = (kind: UnsupportedValue["kind"], values: readonly ValueInfoProto[]): TensorSpec[] =>
    values.flatMap(({ name, type }) => {
      const found = specOf(name, type);
      if (found === undefined) untyped.push(name);
      else if (typeof found === "string") unsupported.push({ kind, name, type: found });
      else return [found];
      return [];
    });
  const inputs = specs("input", graph.input?.filter(({ name }) => !constants.has(name)) ?? []);
  const outputs = specs("output", graph.output ?? []);
  const nodes: InspectedNode[] = [];
  const unsafe = new Set<string>();
  const loops: string[] = [];
  for (const { node } of walkNodes(model)) {
    nodes.push({ name: node.name, opType: node.opType, domain: node.domain, inputs: node.input, outputs: node.output });
    if (batchUnsafe.includes(node.opType)) unsafe.add(node.opType);
    if (isLoop(node)) loops.push(nodeText(node));
  }
  return {
    signature: { inputs, outputs },
    metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])),
    opsets: Object.fromEntries(model.opsetImport.map(({ domain, version }) => [domain === "ai.onnx" ? "" : domain, Number(version)])),
    irVersion: Number(model.irVersion),
    producer: { name: model.producerName, version: model.producerVersion },
    nodes,
    parameters: (graph.initializer ?? []).reduce((sum, { dims }) => sum + dims.reduce((size, dim) => size * Number(dim), 1), 0),
    externalData: [...walkTensors(model)].filter(({ dataLocation }) => dataLocation === 1).map(externalTensor),
    batchUnsafeOps: [...unsafe],
    loops,
    unsupported,
    untyped,
  };
}

function isLoop({ opType, domain }: NodeProto): boolean {
  return (opType === "Loop" || opType === "Scan") && isStandard(domain);
}

/** The spec of a value, the name of a type that no predictor has, or undefined where the file gives no type. */
function specOf(name: string, type: TypeProto | undefined): TensorSpec | string | undefined {
  if (type?.value.case === undefined) return undefined;
  if (type.value.case !== "tensorType") return type.value.case.replace("Type", "");
  const { elemType, shape } = type.value.value;
  if (elemType === 0) return undefined;
  const dtype = dtypeOf(elemType);
  if (dtype === undefined) return dataTypeName(elemType);
  if (shape === undefined) return { name, dtype, shape: [], unranked: true };
  return {
    name,
    dtype,
    shape: shape.dim.map(({ value }): Dim => (value.case === "dimValue" ? sizeOrFree(value.value) : (value.value ?? ""))),
  };
}

/** Some exporters write -1 for a free dimension. */
function sizeOrFree(size: bigint): Dim {
  return size < 0n ? "" : Number(size);
}
