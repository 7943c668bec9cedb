import { ModelError } from "../errors/index.ts";
import { dataTypeName, rawBytes } from "./data-type.ts";
import type { SparseTensorProto, TensorProto } from "./proto.ts";
import { elementList } from "./tensor-proto.ts";

/**
 * Elements that are in the file must be as many as the dims say: a runtime makes room for what the dims say.
 *
 * @throws ModelError MODEL_INVALID
 */
export function checkElements(tensor: TensorProto): void {
  const { dims, rawData, dataType, name } = tensor;
  const broken = (expected: string, received: string): ModelError =>
    new ModelError(
      "MODEL_INVALID",
      `tensor "${name.slice(0, 200)}" ${dataTypeName(dataType)} [${dims.slice(0, 32).join(", ")}]: expected ${expected}, got ${received}`,
    );
  const count = countOf(dims, broken);
  const bytes = rawBytes(dataType, count);
  const isString = dataType === 8;
  if (bytes === undefined && !isString && count > 0) throw broken("a known element type", "another");
  if (tensor.dataLocation === 1) {
    if (isString) throw broken("strings in the file itself", "external data");
    return;
  }
  if (rawData.byteLength > 0) {
    if (isString) throw broken("strings one by one", "raw data");
    if (bytes !== rawData.byteLength) throw broken(`${bytes} bytes`, `${rawData.byteLength}`);
    return;
  }
  const held = elementList(tensor).length;
  const expected = placesOf(dataType, count);
  if (held !== expected) throw broken(`${expected} elements`, `${held}`);
}

/**
 * A sparse tensor's dims must be dims, and its elements no more than they have room for.
 *
 * @throws ModelError MODEL_INVALID
 */
export function checkSparse({ dims, values }: SparseTensorProto): void {
  const broken = (expected: string, received: string): ModelError =>
    new ModelError("MODEL_INVALID", `sparse tensor "${(values?.name ?? "").slice(0, 200)}": expected ${expected}, got ${received}`);
  const count = countOf(dims, broken);
  const held = values?.dims.reduce((size, dim) => size * Number(dim), 1) ?? 0;
  if (held > count) throw broken(`at most ${count} elements`, `${held}`);
}

function countOf(dims: readonly bigint[], broken: (expected: string, received: string) => ModelError): number {
  let count = 1;
  for (const dim of dims) {
    if (dim < 0n) throw broken("no negative dimension", "one");
    count *= Number(dim);
  }
  if (!Number.isSafeInteger(count)) throw broken("fewer than 2^53 elements", "more");
  return count;
}

/** How many places elements take in the typed lists: complex numbers two each, while types of less than a byte share one as they share a byte. */
function placesOf(dataType: number, count: number): number {
  if (dataType === 14 || dataType === 15) return 2 * count;
  const bytes = rawBytes(dataType, count) ?? count;
  return Math.min(count, bytes);
}
