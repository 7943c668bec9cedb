import { mismatch } from "../../errors/mismatch.ts";
import { sizeOf, toValues } from "../../tensor/index.ts";
import { rowCount } from "../../tensor/rows.ts";
import type { Tensor, TensorSpec, Tensors } from "../../types/index.ts";
import { type NonFiniteJson, withNonFinite } from "../wire/oip/index.ts";
import { toBase64 } from "./base64.ts";

/**
 * The reply of `:predict` as JSON text: `predictions` by rows, `outputs` by name; of a model with one output its bare values. 64-bit integers are
 * written digit by digit.
 *
 * @throws InputError INPUT_SHAPE where the row format is asked for and the outputs have not the same number of rows.
 */
export function writeTfPredict(
  results: Tensors,
  specs: readonly TensorSpec[],
  format: "row" | "columnar",
  nonFinite: NonFiniteJson,
): string {
  const outputs = specs.map(({ name }) => {
    const tensor = results[name] as Tensor;
    return { key: JSON.stringify(name), tensor, elements: elementTexts(name, tensor, nonFinite) };
  });
  const [first] = outputs;
  if (format === "columnar") {
    const whole = ({ tensor, elements }: (typeof outputs)[number]): string => nested(elements, tensor.dims, 0, elements.length);
    if (first !== undefined && outputs.length === 1) return `{"outputs":${whole(first)}}`;
    return `{"outputs":{${outputs.map((output) => `${output.key}:${whole(output)}`).join(",")}}}`;
  }
  const rows = rowCount(results);
  if (rows === undefined)
    throw mismatch("INPUT_SHAPE", "instances", 'outputs of one row for each instance (send "inputs" instead)', "outputs of other shapes");
  const row = ({ tensor, elements }: (typeof outputs)[number], index: number): string => {
    const dims = tensor.dims.slice(1);
    const size = sizeOf(dims);
    return nested(elements, dims, index * size, (index + 1) * size);
  };
  const predictions = Array.from({ length: rows }, (_, index) =>
    first !== undefined && outputs.length === 1
      ? row(first, index)
      : `{${outputs.map((output) => `${output.key}:${row(output, index)}`).join(",")}}`,
  );
  return `{"predictions":[${predictions.join(",")}]}`;
}

/** Each element as JSON. An output whose name ends in `_bytes` is text in base64. */
function elementTexts(name: string, { type, data }: Tensor, nonFinite: NonFiniteJson): readonly string[] {
  if (type === "string") return data.map((text) => JSON.stringify(name.endsWith("_bytes") ? toBase64(text) : text));
  const values = toValues(type, data) as ArrayLike<unknown>;
  return Array.from(values, type.startsWith("float") ? (value) => withNonFinite(String(value), nonFinite) : String);
}

/** Elements from `from` to `to`, nested as a shape. */
function nested(elements: readonly string[], dims: readonly number[], from: number, to: number): string {
  if (dims.length === 0) return elements[from] as string;
  if (dims.length === 1) return `[${elements.slice(from, to).join(",")}]`;
  const [count = 0, ...inner] = dims;
  const size = sizeOf(inner);
  return `[${Array.from({ length: count }, (_, index) => nested(elements, inner, from + index * size, from + (index + 1) * size)).join(",")}]`;
}
