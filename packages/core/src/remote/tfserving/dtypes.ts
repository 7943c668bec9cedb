import type { DType } from "../../types/index.ts";

/** TensorFlow's names of the element types that have a dtype here. Of these its JSON lacks DT_HALF and DT_UINT16, which Predikt's own server has. */
export const dtypesByName: ReadonlyMap<unknown, DType> = new Map([
  ["DT_FLOAT", "float32"],
  ["DT_DOUBLE", "float64"],
  ["DT_HALF", "float16"],
  ["DT_INT8", "int8"],
  ["DT_UINT8", "uint8"],
  ["DT_INT16", "int16"],
  ["DT_UINT16", "uint16"],
  ["DT_INT32", "int32"],
  ["DT_UINT32", "uint32"],
  ["DT_INT64", "int64"],
  ["DT_UINT64", "uint64"],
  ["DT_BOOL", "bool"],
  ["DT_STRING", "string"],
]);
