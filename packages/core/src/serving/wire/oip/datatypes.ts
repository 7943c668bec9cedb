import type { DType } from "../../../types/index.ts";

/** The element types of the Open Inference Protocol that have a dtype here: all but BF16, which ONNX Runtime's JavaScript API lacks. */
export type Datatype =
  | "BOOL"
  | "UINT8"
  | "UINT16"
  | "UINT32"
  | "UINT64"
  | "INT8"
  | "INT16"
  | "INT32"
  | "INT64"
  | "FP16"
  | "FP32"
  | "FP64"
  | "BYTES";

const byDType: { readonly [D in DType]: Datatype } = {
  bool: "BOOL",
  uint8: "UINT8",
  uint16: "UINT16",
  uint32: "UINT32",
  uint64: "UINT64",
  int8: "INT8",
  int16: "INT16",
  int32: "INT32",
  int64: "INT64",
  float16: "FP16",
  float32: "FP32",
  float64: "FP64",
  string: "BYTES",
};

// Triton's documents have STRING in an example where its code has BYTES.
const byDatatype = new Map<unknown, DType>([
  ...Object.entries(byDType).map(([dtype, datatype]) => [datatype, dtype as DType] as const),
  ["STRING", "string"],
]);

/** The protocol's word for a dtype. */
export function datatypeOf(dtype: DType): Datatype {
  return byDType[dtype];
}

/** The dtype that the protocol's word stands for; undefined for any other value. */
export function dtypeOf(datatype: unknown): DType | undefined {
  return byDatatype.get(datatype);
}
