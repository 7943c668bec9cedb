import { countOf, isWhole, type Known } from "../known.ts";
import type { NodeProto } from "../proto.ts";
import { elementwise } from "./elementwise.ts";
import { growth } from "./growth.ts";
import { movement } from "./movement.ts";
import { type Budget, Operation, type Rule } from "./operation.ts";
import { products } from "./products.ts";
import { reductions } from "./reductions.ts";
import { selection } from "./selection.ts";
import { windows } from "./windows.ts";

const rules = new Map<string, Rule>(
  Object.entries({ ...elementwise, ...growth, ...movement, ...products, ...reductions, ...selection, ...windows }),
);

/** Whether an operator is one that runtimes have, and rules are there for. */
export function hasRule({ domain, opType }: NodeProto): boolean {
  return followed.includes(domain) && rules.has(opType);
}

/** Whether an operator makes tensors from sizes, or repeats one. */
export function makesFromSize({ domain, opType }: NodeProto): boolean {
  return followed.includes(domain) && Object.hasOwn(growth, opType);
}

/** Domains whose operators of one name are one operator, with optional operands more or less. */
const followed = ["", "ai.onnx", "ai.onnx.ml", "ai.onnx.preview", "com.microsoft", "com.microsoft.nchwc"];

/**
 * What is known of a node's outputs, one for each.
 *
 * @throws ModelError MODEL_REFUSED where constants alone decide how large an output is, and it cannot be told
 */
export function outputsOf(node: NodeProto, inputs: readonly (Known | undefined)[], budget: Budget): readonly Known[] {
  const constant = inputs.every((input) => input === undefined || input.constant);
  const width = inputs.reduce((max, input) => Math.max(max, input?.width ?? 0), 0) || undefined;
  const rule = hasRule(node) ? rules.get(node.opType) : undefined;
  const made = rule?.(new Operation(node, inputs, budget));
  const all = made !== undefined && "dims" in made ? [made] : (made ?? []);
  return node.output.map((_, at) => {
    const output = all[at];
    const dims = output?.dims?.map((dim) => (dim >= 0 ? Math.floor(dim) : Number.NaN));
    const fits = isWhole(dims) && output?.elements?.length === countOf(dims);
    return { dataType: 0, width, ...output, dims, elements: fits ? output?.elements : undefined, constant };
  });
}
