import { mismatch } from "../../errors/mismatch.ts";
import { sizeOf } from "../../tensor/index.ts";
import { rowCount } from "../../tensor/rows.ts";
import type { Tensor, TensorSpec, Tensors } from "../../types/index.ts";
import type { NonFiniteJson } from "../wire/oip/index.ts";
import { nested, slicer } from "../wire/tfserving/index.ts";

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
    return { key: JSON.stringify(name), tensor, slice: slicer(name, tensor, nonFinite) };
  });
  const [first] = outputs;
  if (format === "columnar") {
    const whole = ({ tensor, slice }: (typeof outputs)[number]): string => nested(slice, tensor.dims, 0, tensor.data.length);
    if (first !== undefined && outputs.length === 1) return `{"outputs":${whole(first)}}`;
    return `{"outputs":{${outputs.map((output) => `${output.key}:${whole(output)}`).join(",")}}}`;
  }
  const rows = rowCount(results);
  if (rows === undefined)
    throw mismatch("INPUT_SHAPE", "instances", 'outputs of one row for each instance (send "inputs" instead)', "outputs of other shapes");
  const row = ({ tensor, slice }: (typeof outputs)[number], index: number): string => {
    const dims = tensor.dims.slice(1);
    const size = sizeOf(dims);
    return nested(slice, dims, index * size, (index + 1) * size);
  };
  const predictions = Array.from({ length: rows }, (_, index) =>
    first !== undefined && outputs.length === 1
      ? row(first, index)
      : `{${outputs.map((output) => `${output.key}:${row(output, index)}`).join(",")}}`,
  );
  return `{"predictions":[${predictions.join(",")}]}`;
}
