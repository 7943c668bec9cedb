import { fromFloat16Bits } from "../tensor/index.ts";
import { attributeOf } from "./attribute.ts";
import { rawBytes } from "./data-type.ts";
import type { NodeProto, SparseTensorProto, TensorProto } from "./proto.ts";
import { fromTensorProto } from "./tensor-proto.ts";

/** What can be known of a value without running the model. */
export interface Known {
  /** Element type (TensorProto.DataType); 0 where it is not known. */
  readonly dataType: number;
  /** NaN is a dimension that is not known; undefined where not even their number is. */
  readonly dims: readonly number[] | undefined;
  /** The elements of small numeric constants; NaN is one that is not known. */
  readonly elements?: readonly number[] | undefined;
  /** Whether no graph input has a part in it. */
  readonly constant: boolean;
  /** Bytes of the longest string. */
  readonly width?: number | undefined;
}

/** A tensor of more elements is known by its type and dims only. Shapes, pads and tables of sizes are far smaller. */
export const maxElements = 4096;

/** What a std::string takes before its text. */
const stringBytes = 32;

/** How many elements there are; a dimension that is not known counts as 1. */
export function countOf(dims: readonly number[]): number {
  return dims.reduce((count, dim) => (Number.isNaN(dim) ? count : count * dim), 1);
}

/** Bytes of memory that a value takes at least, as far as its dims are known. */
export function bytesOf({ dataType, dims, width = 0 }: Known): number {
  const count = countOf(dims ?? [0]);
  return dataType === 8 ? count * Math.max(stringBytes, width) : (rawBytes(dataType, count) ?? count);
}

/** Whether all dims are known. */
export function isWhole(dims: readonly number[] | undefined): dims is readonly number[] {
  return dims?.every((dim) => dim >= 0) === true;
}

/** What is known of a constant tensor. */
export function knownTensor(tensor: TensorProto): Known {
  const { dataType } = tensor;
  const dims = tensor.dims.map(Number);
  if (dataType === 8) return { dataType, dims, constant: true, width: Math.max(0, ...lengths(tensor.stringData)) };
  // Numbers of 1 to 13: later ones have no JavaScript numbers, and no operator takes its sizes from them.
  const readable = dataType >= 1 && dataType <= 13 && countOf(dims) <= maxElements && tensor.dataLocation !== 1;
  if (!readable) return { dataType, dims, constant: true };
  const elements = Array.from(fromTensorProto(tensor).data as ArrayLike<number | bigint>, Number);
  return { dataType, dims, constant: true, elements: dataType === 10 ? elements.map(fromFloat16Bits) : elements };
}

/** What is known of a sparse constant once it has its zeros, as runtimes give it. */
export function knownSparse({ values, dims }: SparseTensorProto): Known {
  return { dataType: values?.dataType ?? 0, dims: dims.map(Number), constant: true };
}

/** What is known of a Constant node's value. */
export function knownConstant(node: NodeProto): Known | undefined {
  const list = (dataType: number, elements: readonly number[]): Known => ({ dataType, dims: [elements.length], elements, constant: true });
  const one = (dataType: number, element: number): Known => ({ dataType, dims: [], elements: [element], constant: true });
  for (const { name, t, sparseTensor, i, f, ints, floats, s, strings } of node.attribute) {
    if (name === "value" && t !== undefined) return knownTensor(t);
    if (name === "sparse_value" && sparseTensor !== undefined) return knownSparse(sparseTensor);
    if (name === "value_int") return one(7, Number(i));
    if (name === "value_float") return one(1, f);
    if (name === "value_ints") return list(7, ints.map(Number));
    if (name === "value_floats") return list(1, floats);
    if (name === "value_string") return { dataType: 8, dims: [], constant: true, width: s.byteLength };
    if (name === "value_strings") return { dataType: 8, dims: [strings.length], constant: true, width: Math.max(0, ...lengths(strings)) };
  }
  return undefined;
}

/** The number that a node's attribute has, if it has one of that name. */
export function intOf(node: NodeProto, name: string): number | undefined {
  const attribute = attributeOf(node, name);
  return attribute === undefined ? undefined : Number(attribute.i);
}

function lengths(texts: readonly Uint8Array[]): number[] {
  return texts.slice(0, maxElements).map(({ byteLength }) => byteLength);
}
