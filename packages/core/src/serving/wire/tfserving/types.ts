import type { DType } from "../../../types/index.ts";

const types: { readonly [D in DType]: string } = {
  float32: "DT_FLOAT",
  float64: "DT_DOUBLE",
  float16: "DT_HALF",
  int8: "DT_INT8",
  uint8: "DT_UINT8",
  int16: "DT_INT16",
  uint16: "DT_UINT16",
  int32: "DT_INT32",
  uint32: "DT_UINT32",
  int64: "DT_INT64",
  uint64: "DT_UINT64",
  bool: "DT_BOOL",
  string: "DT_STRING",
};

const dtypes = new Map<unknown, DType>(Object.entries(types).map(([dtype, type]) => [type, dtype as DType]));

/** TensorFlow's name of a dtype. TensorFlow Serving's own JSON lacks DT_HALF and DT_UINT16. */
export function tfTypeOf(dtype: DType): string {
  return types[dtype];
}

/** The dtype that TensorFlow's name stands for; undefined for any other value. */
export function tfDtypeOf(type: unknown): DType | undefined {
  return dtypes.get(type);
}
