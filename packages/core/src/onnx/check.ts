import { ModelError } from "../errors/index.ts";
import { checkAllocations } from "./allocations.ts";
import { dataTypeName, rawBytes } from "./data-type.ts";
import { walkTensors } from "./external-data.ts";
import { type Inspection, inspectModel } from "./inspect.ts";
import type { ModelProto, TensorProto } from "./proto.ts";
import { readModel } from "./read-model.ts";
import { nodeText, walkNodes } from "./walk.ts";

/** What a model file may be. */
export interface CheckLimits {
  /** Bytes of the file itself. Default: 2 GiB, the format's own limit. */
  readonly maxModelBytes?: number | undefined;
  /** Nodes, those of inner graphs and functions included. Default: 100,000. */
  readonly maxNodes?: number | undefined;
  /** Functions that the model defines. Default: 10,000. */
  readonly maxFunctions?: number | undefined;
  /** Graphs within graphs. Default: 100, as onnx's own checker has. */
  readonly maxDepth?: number | undefined;
  /**
   * Bytes that one node may produce out of constants, and all nodes together that make tensors from nothing (ConstantOfShape, Range, …).
   * Default: 1 GiB. What depends on the inputs cannot be known here.
   */
  readonly maxTensorBytes?: number | undefined;
  /** Newest version of ai.onnx. Default: whatever the runtime takes. */
  readonly maxOpset?: number | undefined;
  /** Operator domains beside ai.onnx, ai.onnx.ml, ai.onnx.preview, com.microsoft and those that the model defines. Default: none. */
  readonly domains?: readonly string[] | undefined;
}

/** A model that passed, and what it says of itself. */
export interface CheckedModel {
  readonly model: ModelProto;
  readonly inspection: Inspection;
}

const ownDomains = [
  "",
  "ai.onnx",
  "ai.onnx.ml",
  "ai.onnx.preview",
  "com.microsoft",
  "com.microsoft.nchwc",
  "com.ms.internal.nhwc",
  "org.pytorch.aten",
];

/**
 * Checks a model file before a runtime sees it: that it can be read, that predictors have its types, and that it is not made to do harm. External data
 * must be named by a plain relative path; opening it is up to who loads the model. How long a model runs cannot be known: see `inspection.loops`.
 *
 * @throws ModelError MODEL_INVALID, MODEL_UNSUPPORTED, MODEL_REFUSED
 */
export function checkModel(bytes: Uint8Array, limits: CheckLimits = {}): CheckedModel {
  const { maxModelBytes = 2 ** 31, maxFunctions = 10_000, maxTensorBytes = 2 ** 30, maxOpset = Infinity } = limits;
  limit("its file", bytes.byteLength, maxModelBytes, "bytes");
  const model = readModel(bytes);
  if (model.graph === undefined || model.graph.output.length === 0)
    throw new ModelError("MODEL_INVALID", "the model has no graph with an output");
  limit("the model", model.functions.length, maxFunctions, "functions");
  checkNodes(model, limits);
  for (const tensor of walkTensors(model)) checkElements(tensor);
  const inspection = inspectModel(model);
  const opset = inspection.opsets[""] ?? 0;
  if (opset > maxOpset)
    throw new ModelError("MODEL_UNSUPPORTED", `the model: expected ai.onnx opset ${maxOpset} or older, got ${opset}`, {
      details: { opset },
    });
  const [first] = inspection.unsupported;
  if (first !== undefined) {
    const all = inspection.unsupported.map(({ kind, name, type }) => `${kind} "${name}" is ${type}`).join(", ");
    throw new ModelError("MODEL_UNSUPPORTED", `no JavaScript runtime has these types: ${all}`, {
      details: { unsupported: inspection.unsupported },
    });
  }
  checkAllocations(model, maxTensorBytes);
  return { model, inspection };
}

function checkNodes(model: ModelProto, limits: CheckLimits): void {
  const { maxNodes = 100_000, maxDepth = 100, domains = [] } = limits;
  const known = new Set([...ownDomains, ...domains, ...model.functions.map(({ domain }) => domain)]);
  let nodes = 0;
  for (const { node, depth } of walkNodes(model)) {
    limit("the model", ++nodes, maxNodes, "nodes");
    limit(nodeText(node), depth, maxDepth, "graphs within graphs");
    if (!known.has(node.domain)) {
      throw new ModelError("MODEL_UNSUPPORTED", `${nodeText(node)}: expected an operator of a known domain, got one of "${node.domain}"`, {
        details: { domain: node.domain, opType: node.opType },
      });
    }
  }
}

/** Elements that are in the file must be as many as the dims say. */
function checkElements(tensor: TensorProto): void {
  const { dims, rawData, dataType, name } = tensor;
  const broken = (expected: string, received: string): ModelError =>
    new ModelError(
      "MODEL_INVALID",
      `tensor "${name.slice(0, 200)}" ${dataTypeName(dataType)} [${dims.slice(0, 32).join(", ")}]: expected ${expected}, got ${received}`,
    );
  let count = 1;
  for (const dim of dims) {
    if (dim < 0n) throw broken("no negative dimension", "one");
    count *= Number(dim);
  }
  if (!Number.isSafeInteger(count)) throw broken("fewer than 2^53 elements", "more");
  if (tensor.dataLocation === 1) return;
  if (rawData.byteLength > 0) {
    const bytes = rawBytes(dataType, count);
    if (bytes !== undefined && bytes !== rawData.byteLength) throw broken(`${bytes} bytes`, `${rawData.byteLength}`);
    return;
  }
  const held = Math.max(
    tensor.floatData.length,
    tensor.int32Data.length,
    tensor.int64Data.length,
    tensor.doubleData.length,
    tensor.uint64Data.length,
    tensor.stringData.length,
  );
  // Complex numbers take two places each; types of less than a byte may share one.
  if (held === 0 && count > 0) throw broken(`${count} elements`, "none");
  if (rawBytes(dataType, 8) === 32 && held !== count) throw broken(`${count} elements`, `${held}`);
}

function limit(where: string, value: number, max: number, what: string): void {
  if (value > max)
    throw new ModelError("MODEL_REFUSED", `${where}: expected at most ${max} ${what}, got ${value}`, {
      details: { limit: max, received: value },
    });
}
