import { readFileSync } from "node:fs";
import { fromBinary } from "@bufbuild/protobuf";
import { tensor } from "@predikt/core";
import { TensorProtoSchema } from "onnx-buf";

// TensorProto.DataType (onnx.proto3) to dtype; the rest has no counterpart in JavaScript.
const dtypes = {
  1: "float32",
  2: "uint8",
  3: "int8",
  4: "uint16",
  5: "int16",
  6: "int32",
  7: "int64",
  8: "string",
  9: "bool",
  10: "float16",
  11: "float64",
  12: "uint32",
  13: "uint64",
};
const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
};

/** Reads a serialised TensorProto. */
export function readTensorFile(path) {
  const proto = fromBinary(TensorProtoSchema, new Uint8Array(readFileSync(path)));
  const type = dtypes[proto.dataType];
  if (type === undefined) throw new Error(`${path} has the element type ${proto.dataType}`);
  const dims = proto.dims.map(Number);
  if (type === "string") {
    const decoder = new TextDecoder();
    return tensor(
      "string",
      proto.stringData.map((bytes) => decoder.decode(bytes)),
      dims,
    );
  }
  const array = arrays[type];
  if (proto.rawData.byteLength > 0) return { type, data: new array(proto.rawData.slice().buffer), dims };
  const values =
    [proto.floatData, proto.doubleData, proto.int32Data, proto.int64Data, proto.uint64Data].find((list) => list.length > 0) ?? [];
  const big = array === BigInt64Array || array === BigUint64Array;
  return { type, data: array.from(values, (value) => (big ? BigInt(value) : Number(value))), dims };
}

/** Why two tensors differ beyond a relative 1e-3 and an absolute 1e-5, or undefined. */
export function compareTensors(got, want) {
  if (got.type !== want.type) return `expected ${want.type}, got ${got.type}`;
  if (got.dims.join() !== want.dims.join()) return `expected [${want.dims}], got [${got.dims}]`;
  const value = want.type === "float16" ? half : (x) => x;
  for (let i = 0; i < want.data.length; i++) {
    const [x, y] = [value(got.data[i]), value(want.data[i])];
    if (Object.is(x, y) || x === y) continue;
    if (typeof x !== "number" || !(Math.abs(x - y) <= 1e-5 + 1e-3 * Math.abs(y))) return `element ${i}: expected ${y}, got ${x}`;
  }
  return undefined;
}

function half(bits) {
  const [sign, exponent, mantissa] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
