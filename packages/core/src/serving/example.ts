import { dtypeInfo, sizeOf } from "../tensor/index.ts";
import type { AnyPredictor, TensorSpec } from "../types/index.ts";
import { toJson } from "./wire/index.ts";

/** Longer examples stand at their own address instead of in a document. */
const inline = 4096;

/** An input made from a signature has at most this many elements. */
const mostElements = 2 ** 20;

/** A valid input of a model: its definition's example, or zeros of the smallest shape its signature takes. Undefined where that is too large. */
export function exampleOf({ definition, info }: AnyPredictor): unknown {
  if (definition !== undefined) return definition.example;
  const { inputs } = info.signature;
  if (inputs.some((spec) => sizeOf(smallest(spec)) > mostElements)) return undefined;
  return Object.fromEntries(inputs.map((spec) => [spec.name, zeros(spec)]));
}

/** An example as JSON text, where it is short enough to stand in a document. */
export function shortExample(predictor: AnyPredictor): string | undefined {
  const example = exampleOf(predictor);
  if (example === undefined) return undefined;
  const text = toJson(example);
  return text.length <= inline ? text : undefined;
}

function smallest({ shape }: TensorSpec): readonly number[] {
  return shape.map((dim) => (typeof dim === "number" ? dim : 1));
}

/** A flat list, which stands for its shape where at most one dimension is free; else a whole tensor. */
function zeros(spec: TensorSpec): unknown {
  const { kind } = dtypeInfo(spec.dtype);
  const dims = smallest(spec);
  const data = new Array(sizeOf(dims)).fill(kind === "string" ? "" : kind === "bool" ? false : 0);
  const free = spec.shape.filter((dim) => typeof dim === "string").length;
  if (dims.length === 0) return data[0];
  return free > 1 ? { type: spec.dtype, dims, data } : data;
}
