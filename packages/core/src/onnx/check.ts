import { ModelError } from "../errors/index.ts";
import { checkAllocations } from "./allocations.ts";
import { checkElements, checkSparse } from "./check-elements.ts";
import { type Inspection, inspectModel } from "./inspect.ts";
import { walkMessages } from "./messages.ts";
import type { ModelProto, NodeProto } from "./proto.ts";
import { readModel } from "./read-model.ts";
import { nodeText } from "./walk.ts";

/** What a model file may be. */
export interface CheckLimits {
  /** Bytes of the file itself. Default: 2 GiB, the format's own limit. */
  readonly maxModelBytes?: number | undefined;
  /** Nodes, those of inner graphs included, those of functions once for each call. Default: 100,000. */
  readonly maxNodes?: number | undefined;
  /** Functions that the model defines. Default: 10,000. */
  readonly maxFunctions?: number | undefined;
  /**
   * Graphs and functions within one another. Default: 100, as onnx's own checker has. Graphs alone cannot be so many: no reader takes more than 100
   * messages within one another, which 33 graphs are.
   */
  readonly maxDepth?: number | undefined;
  /**
   * Bytes of one tensor, as far as its dims can be told from the file (a free dimension counts as 1, a string as 32 bytes or more); and of all
   * tensors together that are made of constants alone, or by repeating (Expand, Tile, Pad, …), beside 16 times what the file and its external data
   * hold. Default: 1 GiB.
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
 * Checks a model file before a runtime sees it: that it can be read, that predictors have its types, and that it is not made to do harm.
 *
 * - External data, in whichever field of the file a tensor stands, must be named by a plain relative path; opening it is up to who loads the model.
 * - What the file's constants ask for is bounded by `maxTensorBytes`. Shapes are followed through nodes, functions and inner graphs, and the small
 *   constants that decide them are computed; where constants alone decide how large a tensor is and that cannot be told, the model is refused.
 * - It cannot see sizes that are data: what depends on the inputs' elements, on what a Loop or Scan carries from round to round, or on operators
 *   without a shape rule here; nor what a runtime needs for itself. Nor how long a model runs: see `inspection.loops`. Against those, run models that
 *   are not trusted in a process of their own, with a limit on its memory and time (`execution: "process"`, `maxRssBytes`, `maxRunMs` in Node).
 *
 * @throws ModelError MODEL_INVALID, MODEL_UNSUPPORTED, MODEL_REFUSED
 */
export function checkModel(bytes: Uint8Array, limits: CheckLimits = {}): CheckedModel {
  const { maxModelBytes = 2 ** 31, maxFunctions = 10_000, maxTensorBytes = 2 ** 30, maxOpset = Infinity } = limits;
  const { maxNodes = 100_000, maxDepth = 100, domains = [] } = limits;
  limit("its file", bytes.byteLength, maxModelBytes, "bytes");
  // A file can be ONNX and ONNX Runtime's own format at once, and the runtime would take it for the latter.
  if (new TextDecoder().decode(bytes.subarray(4, 8)) === "ORTM")
    throw new ModelError("MODEL_UNSUPPORTED", "the model file: expected ONNX, got ONNX Runtime's own format, which cannot be checked");
  const model = readModel(bytes);
  if (model.graph === undefined || model.graph.output.length === 0)
    throw new ModelError("MODEL_INVALID", "the model has no graph with an output");
  limit("the model", model.functions.length, maxFunctions, "functions");
  checkParts(model, maxNodes, maxDepth, domains);
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
  const fileBytes = inspection.externalData.reduce((sum, { needed }) => sum + (needed ?? 0), bytes.byteLength);
  checkAllocations(model, { maxTensorBytes, maxNodes, maxDepth, fileBytes });
  return { model, inspection };
}

function checkParts(model: ModelProto, maxNodes: number, maxDepth: number, domains: readonly string[]): void {
  const known = new Set([...ownDomains, ...domains, ...model.functions.map(({ domain }) => domain)]);
  let nodes = 0;
  for (const { type, message, depth } of walkMessages(model)) {
    if (type === "onnx.TensorProto") checkElements(message);
    if (type === "onnx.SparseTensorProto") checkSparse(message);
    if (type !== "onnx.NodeProto") continue;
    limit("the model", ++nodes, maxNodes, "nodes");
    limit(nodeText(message), depth, maxDepth, "graphs within graphs");
    checkNode(message, known);
  }
}

function checkNode(node: NodeProto, domains: ReadonlySet<string>): void {
  if (!domains.has(node.domain)) {
    throw new ModelError("MODEL_UNSUPPORTED", `${nodeText(node)}: expected an operator of a known domain, got one of "${node.domain}"`, {
      details: { domain: node.domain, opType: node.opType },
    });
  }
  // Readers differ in which of two they take.
  if (new Set(node.attribute.map(({ name }) => name)).size !== node.attribute.length)
    throw new ModelError("MODEL_INVALID", `${nodeText(node)}: expected each attribute once, got one twice`);
}

function limit(where: string, value: number, max: number, what: string): void {
  if (value > max)
    throw new ModelError("MODEL_REFUSED", `${where}: expected at most ${max} ${what}, got ${value}`, {
      details: { limit: max, received: value },
    });
}
