import type { DType } from "../types/index.ts";

/** TensorProto.DataType of each dtype (onnx.proto). */
const numbers: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
};

/** Types of the file format that no JavaScript runtime takes or gives. Their bits are needed to know how large a tensor is. */
const others: Readonly<Record<number, readonly [name: string, bits: number]>> = {
  14: ["complex64", 64],
  15: ["complex128", 128],
  16: ["bfloat16", 16],
  17: ["float8e4m3fn", 8],
  18: ["float8e4m3fnuz", 8],
  19: ["float8e5m2", 8],
  20: ["float8e5m2fnuz", 8],
  21: ["uint4", 4],
  22: ["int4", 4],
  23: ["float4e2m1", 4],
  24: ["float8e8m0", 8],
  25: ["uint2", 2],
  26: ["int2", 2],
};

const bits: Readonly<Record<DType, number>> = {
  float32: 32,
  uint8: 8,
  int8: 8,
  uint16: 16,
  int16: 16,
  int32: 32,
  int64: 64,
  string: 0,
  bool: 8,
  float16: 16,
  float64: 64,
  uint32: 32,
  uint64: 64,
};

const byNumber = new Map<number, DType>(Object.entries(numbers).map(([dtype, number]) => [number, dtype as DType]));

/** The file format's number of a dtype. */
export function dataTypeOf(dtype: DType): number {
  return numbers[dtype];
}

/** The dtype with that number in the file format, or undefined for one that no JavaScript runtime has. */
export function dtypeOf(dataType: number): DType | undefined {
  return byNumber.get(dataType);
}

/** A name for any element type of the file format. */
export function dataTypeName(dataType: number): string {
  return byNumber.get(dataType) ?? others[dataType]?.[0] ?? `element type ${dataType}`;
}

/** Bytes that `count` elements take in `rawData`; undefined for strings and unknown types. Types of less than a byte are packed. */
export function rawBytes(dataType: number, count: number): number | undefined {
  const dtype = byNumber.get(dataType);
  const width = dtype === undefined ? others[dataType]?.[1] : bits[dtype];
  return width === undefined || width === 0 ? undefined : Math.ceil((count * width) / 8);
}
