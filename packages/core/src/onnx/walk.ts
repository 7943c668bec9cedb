import type { GraphProto, ModelProto, NodeProto } from "./proto.ts";

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

/** Every node of a model: of its graph, of the graphs inside its nodes, and of its own functions. Without recursion, since depth is the file's choice. */
export function* walkNodes(model: ModelProto): Generator<Place> {
  const waiting: { readonly nodes: readonly NodeProto[]; readonly depth: number }[] = [{ nodes: model.graph?.node ?? [], depth: 0 }];
  for (const { node } of model.functions) waiting.push({ nodes: node, depth: 0 });
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { nodes, depth } = next;
    for (const node of nodes) {
      yield { node, depth };
      for (const graph of subgraphs(node)) waiting.push({ nodes: graph.node, depth: depth + 1 });
    }
  }
}

/** Every graph of a model, its own first. */
export function* walkGraphs(model: ModelProto): Generator<GraphProto> {
  if (model.graph !== undefined) yield model.graph;
  for (const { node } of walkNodes(model)) yield* subgraphs(node);
}

/** A node for messages: its operator, and its name or first output. */
export function nodeText({ opType, domain, name, output }: NodeProto): string {
  const operator = domain === "" || domain === "ai.onnx" ? opType : `${domain}.${opType}`;
  return `${operator} "${name || (output[0] ?? "")}"`;
}
