import { type DType, type Tensor, type TensorSpec, tensor } from "@predikt/core";

/**
 * Tensors for a signature: floats from 0 to 1, everything else zeros, since what an integer or a string may be only the model knows. Free axes are 1, the first
 * one `rows`.
 */
export function randomTensors(inputs: readonly TensorSpec[], rows: number): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map(({ name, dtype, shape }) => {
      const dims = shape.map((dim, axis) => (typeof dim === "number" && dim >= 0 ? dim : axis === 0 ? rows : 1));
      const length = dims.reduce((product, dim) => product * dim, 1);
      const elements = Array.from({ length }, elementOf(dtype));
      return [name, tensor(dtype, elements as never, dims) as Tensor];
    }),
  );
}

function elementOf(dtype: DType): () => unknown {
  if (dtype === "float32" || dtype === "float64" || dtype === "float16") return Math.random;
  if (dtype === "string") return () => "";
  if (dtype === "bool") return () => false;
  return dtype === "int64" || dtype === "uint64" ? () => 0n : () => 0;
}
