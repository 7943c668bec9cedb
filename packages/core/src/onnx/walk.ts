import { walkMessages } from "./messages.ts";
import type { GraphProto, ModelProto, NodeProto, TensorProto } from "./proto.ts";

/** A node of a model, and where it stands. */
export interface Place {
  readonly node: NodeProto;
  /** 0 in the model's own graph, 1 in the body of one of its loops, … */
  readonly depth: number;
}

/** Every graph inside a node's attributes. */
export function subgraphs(node: NodeProto): readonly GraphProto[] {
  return node.attribute.flatMap(({ g, graphs }) => (g === undefined ? graphs : [g, ...graphs]));
}

/** Every node of a model, in the file's order: of its graph, of the graphs inside its nodes, of its own functions, of its training graphs. */
export function* walkNodes(model: ModelProto): Generator<Place> {
  for (const { type, message, depth } of walkMessages(model)) if (type === "onnx.NodeProto") yield { node: message, depth };
}

/** Every tensor in a file: of initialisers and attributes, sparse ones' parts, in whichever graph or function. */
export function* walkTensors(model: ModelProto): Generator<TensorProto> {
  for (const { type, message } of walkMessages(model)) if (type === "onnx.TensorProto") yield message;
}

/** A node for messages: its operator, and its name or first output. */
export function nodeText({ opType, domain, name, output }: NodeProto): string {
  const operator = isStandard(domain) ? opType : `${domain}.${opType}`;
  return `${operator} "${name || (output[0] ?? "")}"`;
}

/** Whether a domain is ai.onnx, which files may leave out. */
export function isStandard(domain: string): boolean {
  return domain === "" || domain === "ai.onnx";
}
