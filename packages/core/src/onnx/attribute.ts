import { create } from "@bufbuild/protobuf";
import { AttributeProtoSchema } from "onnx-buf";
import { isTensorLike } from "../tensor/index.ts";
import type { Tensor } from "../types/index.ts";
import type { AttributeProto, GraphProto, NodeProto } from "./proto.ts";
import { toTensorProto } from "./tensor-proto.ts";

/** Numbers that are to be float attributes even where they are whole. Made by {@link float}. */
export class FloatAttribute {
  readonly values: number | readonly number[];
  constructor(values: number | readonly number[]) {
    this.values = values;
  }
}

/**
 * An attribute's value. Whole numbers and bigints become INT (lists INTS), other numbers FLOAT (lists with one of them FLOATS); say `float(1)` for a
 * float that is whole. Strings, tensors, graphs, and lists of strings become what they are.
 */
export type AttributeValue =
  | number
  | bigint
  | string
  | boolean
  | readonly number[]
  | readonly bigint[]
  | readonly string[]
  | Tensor
  | GraphProto
  | FloatAttribute;

/** Float attributes: `float(1)`, `float([0, 1])`. */
export function float(values: number | readonly number[]): FloatAttribute {
  return new FloatAttribute(values);
}

/** An attribute as the file holds it. The numbers are AttributeProto.AttributeType. */
export function toAttribute(name: string, value: AttributeValue): AttributeProto {
  return create(AttributeProtoSchema, { name, ...(fieldsOf(value) as object) }) as unknown as AttributeProto;
}

/** A node's attribute, if it has one of that name. */
export function attributeOf(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((attribute) => attribute.name === name);
}

function fieldsOf(value: AttributeValue): object {
  const encoder = new TextEncoder();
  if (value instanceof FloatAttribute) {
    return Array.isArray(value.values) ? { type: 6, floats: [...value.values] } : { type: 1, f: value.values as number };
  }
  if (typeof value === "boolean") return { type: 2, i: value ? 1n : 0n };
  if (typeof value === "bigint") return { type: 2, i: value };
  if (typeof value === "number") return Number.isInteger(value) ? { type: 2, i: BigInt(value) } : { type: 1, f: value };
  if (typeof value === "string") return { type: 3, s: encoder.encode(value) };
  if (isTensorLike(value)) return { type: 4, t: toTensorProto(value as Tensor) };
  if (!Array.isArray(value)) return { type: 5, g: value };
  if (typeof value[0] === "string") return { type: 8, strings: (value as string[]).map((text) => encoder.encode(text)) };
  const list = value as (number | bigint)[];
  return list.every((item) => typeof item === "bigint" || Number.isInteger(item))
    ? { type: 7, ints: list.map(BigInt) }
    : { type: 6, floats: list as number[] };
}
