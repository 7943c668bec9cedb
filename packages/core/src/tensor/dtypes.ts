import type { DType, DTypeData, TensorData } from "../types/index.ts";

/** What the SDK knows of one element type. */
export interface DTypeInfo {
  /** Bytes of one element; 0 for strings. */
  readonly bytes: number;
  readonly kind: "float" | "integer" | "bigint" | "bool" | "string";
  /** Range of an integer type, both ends included. */
  readonly min: number | bigint;
  readonly max: number | bigint;
  /** Makes zeroed storage for `length` elements. */
  readonly create: (length: number) => TensorData;
  /** The array class that holds the elements; undefined for strings. */
  readonly array: NumericArrayConstructor | undefined;
}

/** A typed array class with the members that the SDK uses. */
export interface NumericArrayConstructor {
  new (length: number): Exclude<TensorData, string[]>;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): Exclude<TensorData, string[]>;
  readonly BYTES_PER_ELEMENT: number;
}

function numeric(
  array: unknown,
  kind: DTypeInfo["kind"],
  min: number | bigint = -Infinity,
  max: number | bigint = Infinity,
): DTypeInfo {
  const ctor = array as NumericArrayConstructor;
  return { bytes: ctor.BYTES_PER_ELEMENT, kind, min, max, array: ctor, create: (length) => new ctor(length) };
}

const table: { readonly [D in DType]: DTypeInfo } = {
  float32: numeric(Float32Array, "float"),
  float64: numeric(Float64Array, "float"),
  float16: numeric(Uint16Array, "float"),
  int8: numeric(Int8Array, "integer", -128, 127),
  uint8: numeric(Uint8Array, "integer", 0, 255),
  int16: numeric(Int16Array, "integer", -32768, 32767),
  uint16: numeric(Uint16Array, "integer", 0, 65535),
  int32: numeric(Int32Array, "integer", -2147483648, 2147483647),
  uint32: numeric(Uint32Array, "integer", 0, 4294967295),
  int64: numeric(BigInt64Array, "bigint", -(2n ** 63n), 2n ** 63n - 1n),
  uint64: numeric(BigUint64Array, "bigint", 0n, 2n ** 64n - 1n),
  bool: numeric(Uint8Array, "bool", 0, 1),
  string: { bytes: 0, kind: "string", min: 0, max: 0, array: undefined, create: (length) => new Array<string>(length).fill("") },
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
  return table[dtype].create(length) as DTypeData[D];
}
