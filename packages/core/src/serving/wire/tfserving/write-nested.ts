import { sizeOf, toValues } from "../../../tensor/index.ts";
import type { Tensor } from "../../../types/index.ts";
import { type NonFiniteJson, withNonFinite } from "../oip/index.ts";
import { toBase64 } from "./base64.ts";

/** Each element of a tensor as JSON; 64-bit integers digit by digit. One whose name ends in `_bytes` is text in base64. */
export function elementTexts(name: string, { type, data }: Tensor, nonFinite: NonFiniteJson): readonly string[] {
  if (type === "string") return data.map((text) => JSON.stringify(name.endsWith("_bytes") ? toBase64(text) : text));
  const values = toValues(type, data) as ArrayLike<unknown>;
  return Array.from(
    values,
    nonFinite !== "token" && type.startsWith("float") ? (value) => withNonFinite(String(value), nonFinite) : String,
  );
}

/** Elements from `from` to `to`, nested as a shape. */
export function nested(elements: readonly string[], dims: readonly number[], from: number, to: number): string {
  if (dims.length === 0) return elements[from] as string;
  if (dims.length === 1) return `[${elements.slice(from, to).join(",")}]`;
  const [count = 0, ...inner] = dims;
  const size = sizeOf(inner);
  return `[${Array.from({ length: count }, (_, index) => nested(elements, inner, from + index * size, from + (index + 1) * size)).join(",")}]`;
}
