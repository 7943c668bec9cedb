import type { DType, DTypeData, TensorData } from "../types/index.ts";

/** What the SDK knows of one element type. */
export interface DTypeInfo {
  /** Bytes of one element; 0 for strings. */
  readonly bytes: number;
  readonly kind: "float" | "integer" | "bigint" | "bool" | "string";
  /** Range of an integer type, both ends included. */
  readonly min: number | bigint;
  readonly max: number | bigint;
  /** The array class that holds the elements; undefined for strings. */
  readonly array: NumericArrayConstructor | undefined;
}

/** A typed array class with the members that the SDK uses. */
export interface NumericArrayConstructor {
  new (length: number): Exclude<TensorData, string[]>;
  new (elements: Exclude<TensorData, string[]>): Exclude<TensorData, string[]>;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): Exclude<TensorData, string[]>;
  readonly BYTES_PER_ELEMENT: number;
}

function info(kind: DTypeInfo["kind"], array?: unknown, min: number | bigint = -Infinity, max: number | bigint = Infinity): DTypeInfo {
  const storage = array as NumericArrayConstructor | undefined;
  return { bytes: storage?.BYTES_PER_ELEMENT ?? 0, kind, min, max, array: storage };
}

const table: { readonly [D in DType]: DTypeInfo } = {
  float32: info("float", Float32Array),
  float64: info("float", Float64Array),
  float16: info("float", Uint16Array),
  int8: info("integer", Int8Array, -128, 127),
  uint8: info("integer", Uint8Array, 0, 255),
  int16: info("integer", Int16Array, -32768, 32767),
  uint16: info("integer", Uint16Array, 0, 65535),
  int32: info("integer", Int32Array, -(2 ** 31), 2 ** 31 - 1),
  uint32: info("integer", Uint32Array, 0, 2 ** 32 - 1),
  int64: info("bigint", BigInt64Array, -(1n << 63n), (1n << 63n) - 1n),
  uint64: info("bigint", BigUint64Array, 0n, (1n << 64n) - 1n),
  bool: info("bool", Uint8Array, 0, 1),
  string: info("string"),
};

/** Every dtype, in a stable order. */
export const dtypes: readonly DType[] = Object.keys(table) as DType[];

/** Whether a string names a dtype. */
export function isDType(value: unknown): value is DType {
  return typeof value === "string" && Object.hasOwn(table, value);
}

/** Size, range and storage of a dtype. */
export function dtypeInfo(dtype: DType): DTypeInfo {
  return table[dtype];
}

/** Zeroed storage for `length` elements of a dtype. */
export function allocate<D extends DType>(dtype: D, length: number): DTypeData[D] {
  const { array } = table[dtype];
  return (array === undefined ? new Array<string>(length).fill("") : new array(length)) as DTypeData[D];
}
