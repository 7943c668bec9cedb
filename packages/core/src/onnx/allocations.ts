import { ModelError } from "../errors/index.ts";
import { rawBytes } from "./data-type.ts";
import { knownTensor, type Scope } from "./known.ts";
import type { GraphProto, ModelProto, NodeProto, TensorProto } from "./proto.ts";
import { outputOf } from "./shape-rules.ts";
import { nodeText, subgraphs } from "./walk.ts";

/** Operators that make a tensor from nothing but its shape. */
const generators = ["ConstantOfShape", "Range", "RandomNormal", "RandomUniform", "EyeLike", "OneHot"];

/**
 * Refuses models that ask for more memory than they may, as far as constants tell: a kilobyte of file can ask for a terabyte.
 *
 * @throws ModelError MODEL_REFUSED
 */
export function checkAllocations(model: ModelProto, maxTensorBytes: number): void {
  let generated = 0;
  const visit = (nodes: readonly NodeProto[], initializers: readonly TensorProto[], graph: GraphProto | undefined, outer: Scope): void => {
    const scope: Scope = new Map(outer);
    for (const tensor of initializers) scope.set(tensor.name, knownTensor(tensor));
    for (const { name, type } of graph?.input ?? []) {
      if (scope.has(name) && outer.has(name)) scope.delete(name);
      if (type?.value.case !== "tensorType" || type.value.value.shape === undefined) continue;
      const dims = type.value.value.shape.dim.map(({ value }) => (value.case === "dimValue" ? Number(value.value) : Number.NaN));
      if (!scope.has(name) && dims.every((dim) => dim >= 0)) scope.set(name, { dataType: type.value.value.elemType, dims });
    }
    for (const node of nodes) {
      const made = outputOf(node, scope);
      const [output] = node.output;
      if (made !== undefined && output !== undefined) {
        const bytes =
          rawBytes(
            made.dataType,
            made.dims.reduce((size, dim) => size * dim, 1),
          ) ?? 0;
        if (generators.includes(node.opType)) generated += bytes;
        if (bytes > maxTensorBytes || generated > maxTensorBytes) throw tooLarge(node, Math.max(bytes, generated), maxTensorBytes);
        scope.set(output, made);
      }
      for (const inner of subgraphs(node)) visit(inner.node, inner.initializer, inner, scope);
    }
  };
  visit(model.graph?.node ?? [], model.graph?.initializer ?? [], model.graph, new Map());
  for (const { node } of model.functions) visit(node, [], undefined, new Map());
}

function tooLarge(node: NodeProto, bytes: number, limit: number): ModelError {
  return new ModelError("MODEL_REFUSED", `${nodeText(node)}: expected at most ${limit} bytes to be made out of constants, got ${bytes}`, {
    details: { limit, received: bytes, opType: node.opType },
  });
}
