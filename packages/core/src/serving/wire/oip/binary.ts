import { mismatch } from "../../../errors/mismatch.ts";
import { dtypeInfo, sizeOf } from "../../../tensor/index.ts";
import type { DType, Tensor } from "../../../types/index.ts";
import { tensorBytes, viewBytes } from "../tensor-bytes.ts";
import { datatypeOf } from "./datatypes.ts";
import { packStrings, unpackStrings } from "./strings.ts";

/**
 * A tensor of its bytes: little-endian, row-major, BYTES as `packStrings` writes it. It is a view of the bytes where their offset allows that, else a copy.
 *
 * @param path Names the tensor in errors: `inputs[0]`.
 * @throws InputError INPUT_SHAPE where the bytes are too many or too few, INPUT_VALUE for text that is not UTF-8.
 */
export function tensorFromBinary(dtype: DType, dims: readonly number[], bytes: Uint8Array, path: string): Tensor {
  const { array, bytes: width } = dtypeInfo(dtype);
  const size = sizeOf(dims);
  if (array === undefined) return { type: "string", data: unpackStrings(bytes, size, path), dims };
  if (size * width !== bytes.byteLength) {
    const expected = `${size * width} bytes for ${datatypeOf(dtype)} [${dims.join(", ")}]`;
    throw mismatch("INPUT_SHAPE", path, expected, `${bytes.byteLength}`);
  }
  return { type: dtype, data: viewBytes(array, bytes), dims } as Tensor;
}

/** A tensor's bytes in the form that {@link tensorFromBinary} reads; they share its memory, but for strings. */
export function tensorToBinary(tensor: Tensor): Uint8Array {
  return tensorBytes(tensor) ?? packStrings(tensor.data as string[]);
}
