import { attributeOf } from "./attribute.ts";
import type { NodeProto, TensorProto } from "./proto.ts";
import { fromTensorProto } from "./tensor-proto.ts";

/** What can be known of a value without running the model. */
export interface Known {
  /** Element type (TensorProto.DataType). */
  readonly dataType: number;
  readonly dims: readonly number[];
  /** The elements of small numeric constants. */
  readonly elements?: readonly number[] | undefined;
}

/** Values by name; an inner graph sees those of the graphs around it. */
export type Scope = Map<string, Known>;

/** What is known of a constant tensor. */
export function knownTensor(tensor: TensorProto): Known {
  const { dataType } = tensor;
  const dims = tensor.dims.map(Number);
  const count = dims.reduce((size, dim) => size * dim, 1);
  // float32, int32, int64 and float64: what shapes, repeats and scales are given in.
  if (![1, 6, 7, 11].includes(dataType) || count > 64 || tensor.dataLocation === 1) return { dataType, dims };
  return { dataType, dims, elements: Array.from(fromTensorProto(tensor).data as ArrayLike<number | bigint>, Number) };
}

/** What is known of a Constant node's value. */
export function knownConstant(node: NodeProto): Known | undefined {
  const tensor = attributeOf(node, "value")?.t;
  if (tensor !== undefined) return knownTensor(tensor);
  const list = attributeOf(node, "value_ints")?.ints;
  if (list !== undefined) return { dataType: 7, dims: [list.length], elements: list.map(Number) };
  const one = attributeOf(node, "value_int")?.i;
  return one === undefined ? undefined : { dataType: 7, dims: [], elements: [Number(one)] };
}
