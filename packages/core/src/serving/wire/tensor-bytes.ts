import { mismatch } from "../../errors/mismatch.ts";
import type { NumericArrayConstructor } from "../../tensor/dtypes.ts";
import { dtypeInfo, specText } from "../../tensor/index.ts";
import type { Dim, Tensor, TensorData, TensorSpec } from "../../types/index.ts";

/** A tensor read from bytes, and whether its buffer holds nothing else and may be handed to another thread. */
export interface ReadTensor {
  readonly tensor: Tensor;
  readonly owned: boolean;
}

/**
 * Reads a raw little-endian tensor. The bytes are used in place where their offset allows it, else copied.
 *
 * @param shape The sender's dims; default: the spec's, where at most one of them is free.
 * @throws InputError INPUT_SHAPE where the dims are unknown or the size is another, INPUT_DTYPE for strings.
 */
export function readTensor(bytes: Uint8Array, spec: TensorSpec, shape: readonly number[] | undefined): ReadTensor {
  const { array, bytes: width } = dtypeInfo(spec.dtype);
  if (array === undefined) {
    throw mismatch(
      "INPUT_DTYPE",
      spec.name,
      `JSON, since ${spec.dtype} has no raw form`,
      `${bytes.byteLength} bytes`,
      `input "${spec.name}"`,
    );
  }
  const dims = shape ?? fillFree(spec, bytes.byteLength / width);
  const wanted = dims?.reduce((size, dim) => size * dim, width);
  if (dims === undefined || wanted !== bytes.byteLength) {
    const expected = dims === undefined ? specText(spec) : `${wanted} bytes for ${spec.dtype} [${dims.join(", ")}]`;
    const received = `${bytes.byteLength} bytes${dims === undefined ? " that do not tell its free dimensions (send x-predikt-shape)" : ""}`;
    throw mismatch("INPUT_SHAPE", spec.name, expected, received, `input "${spec.name}"`);
  }
  const data = viewBytes(array, bytes);
  return { tensor: { type: spec.dtype, data, dims } as Tensor, owned: data.buffer.byteLength === bytes.byteLength };
}

/** Bytes as elements: in place where their offset allows it, else a copy. */
export function viewBytes(array: NumericArrayConstructor, bytes: Uint8Array): Exclude<TensorData, string[]> {
  const width = array.BYTES_PER_ELEMENT;
  const { buffer, byteOffset, byteLength } = bytes;
  if (byteOffset % width === 0) return new array(buffer, byteOffset, byteLength / width);
  // The buffer's own slice: half the time of a copy that the array's class makes, and a Node Buffer's gives a view of the same bytes.
  return new array(buffer.slice(byteOffset, byteOffset + byteLength));
}

/** The raw little-endian bytes of a tensor, sharing its buffer; undefined for strings. */
export function tensorBytes(tensor: Tensor): Uint8Array | undefined {
  const { data } = tensor;
  return Array.isArray(data) ? undefined : new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}

function fillFree(spec: TensorSpec, elements: number): readonly number[] | undefined {
  const free = spec.shape.filter((dim) => typeof dim === "string").length;
  if (free > 1) return undefined;
  const fixed = spec.shape.reduce<number>((size, dim) => (typeof dim === "number" ? size * dim : size), 1);
  const rest = fixed === 0 ? 0 : elements / fixed;
  return Number.isInteger(rest) || free === 0 ? spec.shape.map((dim: Dim) => (typeof dim === "number" ? dim : rest)) : undefined;
}
