import { sizeOf, toValues } from "../../../tensor/index.ts";
import type { Tensor } from "../../../types/index.ts";
import { type NonFiniteJson, withNonFinite } from "../oip/index.ts";
import { toBase64 } from "./base64.ts";

/** Elements of a tensor from one place up to another as JSON, with commas between them. */
export type Slice = (from: number, to: number) => string;

/** The elements of a tensor; 64-bit integers digit by digit. One whose name ends in `_bytes` is text in base64. */
export function slicer(name: string, { type, data }: Tensor, nonFinite: NonFiniteJson): Slice {
  if (type === "string") {
    const base64 = name.endsWith("_bytes");
    return (from, to) =>
      data
        .slice(from, to)
        .map((text) => JSON.stringify(base64 ? toBase64(text) : text))
        .join(",");
  }
  const values = toValues(type, data) as Float32Array;
  return (from, to) => withNonFinite(values.slice(from, to).join(","), nonFinite);
}

/** Elements from one place up to another, nested as a shape. */
export function nested(slice: Slice, dims: readonly number[], from: number, to: number): string {
  if (dims.length === 0) return slice(from, from + 1);
  if (dims.length === 1) return `[${slice(from, to)}]`;
  const [count = 0, ...inner] = dims;
  const size = sizeOf(inner);
  return `[${Array.from({ length: count }, (_, index) => nested(slice, inner, from + index * size, from + (index + 1) * size)).join(",")}]`;
}
