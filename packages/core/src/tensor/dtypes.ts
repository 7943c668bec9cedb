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
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): Exclude<TensorData, string[]>;
  readonly BYTES_PER_ELEMENT: number;
}

function info(kind: DTypeInfo["kind"], array: unknown, min: number | bigint = -Infinity, max: number | bigint = Infinity): DTypeInfo {
  const storage = array as NumericArrayConstructor;
  return { bytes: storage.BYTES_PER_ELEMENT, kind, min, max, array: storage };
}

/** Two's complement where `sign` is 1, unsigned where it is 0. */
function integer(array: NumericArrayConstructor, sign: 0 | 1): DTypeInfo {
  const bits = 8 * array.BYTES_PER_ELEMENT - sign;
  if (bits > 32) return info("bigint", array, BigInt(-sign) << BigInt(bits), (1n << BigInt(bits)) - 1n);
  return info("integer", array, sign && -(2 ** bits), 2 ** bits - 1);
}

const table: { readonly [D in DType]: DTypeInfo } = {
  float32: info("float", Float32Array),
  float64: info("float", Float64Array),
  float16: info("float", Uint16Array),
  int8: integer(Int8Array, 1),
  uint8: integer(Uint8Array, 0),
  int16: integer(Int16Array, 1),
  uint16: integer(Uint16Array, 0),
  int32: integer(Int32Array, 1),
  uint32: integer(Uint32Array, 0),
  int64: integer(BigInt64Array, 1),
  uint64: integer(BigUint64Array, 0),
  bool: info("bool", Uint8Array, 0, 1),
  string: { bytes: 0, kind: "string", min: 0, max: 0, array: undefined },
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
