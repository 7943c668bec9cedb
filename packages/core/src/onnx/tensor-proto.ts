import { create } from "@bufbuild/protobuf";
import { TensorProtoSchema } from "onnx-buf";
import { ModelError } from "../errors/index.ts";
import { allocate, dtypeInfo, sizeOf } from "../tensor/index.ts";
import type { Tensor } from "../types/index.ts";
import { dataTypeName, dataTypeOf, dtypeOf, rawBytes } from "./data-type.ts";
import type { TensorProto } from "./proto.ts";

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** A tensor as the file holds it. Its `rawData` shares memory with `tensor.data`. */
export function toTensorProto(tensor: Tensor, name = ""): TensorProto {
  const { type, data, dims } = tensor;
  const encoder = new TextEncoder();
  const elements =
    type === "string"
      ? { stringData: data.map((text) => encoder.encode(text)) }
      : { rawData: swapped(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), data.BYTES_PER_ELEMENT) };
  return create(TensorProtoSchema, {
    name,
    dataType: dataTypeOf(type),
    dims: dims.map(BigInt),
    ...(elements as object),
  }) as unknown as TensorProto;
}

/**
 * The tensor that the file holds. Its data shares memory with the file where that is aligned to its elements.
 *
 * @throws ModelError MODEL_UNSUPPORTED for an element type without a dtype, MODEL_INVALID where elements are missing or in another file
 */
export function fromTensorProto(proto: TensorProto): Tensor {
  const type = dtypeOf(proto.dataType);
  if (type === undefined)
    throw new ModelError("MODEL_UNSUPPORTED", `tensor "${proto.name}" has ${dataTypeName(proto.dataType)} elements, which have no dtype`);
  const dims = proto.dims.map(Number);
  const count = sizeOf(dims);
  if (proto.dataLocation === 1) throw new ModelError("MODEL_INVALID", `tensor "${proto.name}" has its elements in another file`);
  if (type === "string") {
    const decoder = new TextDecoder();
    return { type, data: proto.stringData.map((bytes) => decoder.decode(bytes)), dims };
  }
  const array = dtypeInfo(type).array as new (buffer: ArrayBufferLike, offset?: number, length?: number) => Float32Array;
  const { rawData } = proto;
  if (rawData.byteLength > 0) {
    if (rawData.byteLength !== rawBytes(proto.dataType, count))
      throw mismatch(proto, `${rawBytes(proto.dataType, count)} bytes`, rawData.byteLength);
    const width = dtypeInfo(type).bytes;
    const bytes = rawData.byteOffset % width === 0 && littleEndian ? rawData : swapped(rawData.slice(), width);
    return { type, data: new array(bytes.buffer, bytes.byteOffset, count), dims } as Tensor;
  }
  const list = elementList(proto) as readonly (number | bigint)[];
  if (list.length !== count) throw mismatch(proto, `${count} elements`, list.length);
  const data = allocate(type, count) as unknown as (number | bigint)[];
  const big = dtypeInfo(type).kind === "bigint";
  for (let i = 0; i < count; i++) data[i] = big ? BigInt(list[i] as bigint) : Number(list[i]);
  return { type, data, dims } as unknown as Tensor;
}

/** The list of a tensor that has its elements where they are not raw: which one, its element type decides (onnx.proto). */
export function elementList(proto: TensorProto): readonly unknown[] {
  const { dataType } = proto;
  if (dataType === 8) return proto.stringData;
  if (dataType === 1 || dataType === 14) return proto.floatData;
  if (dataType === 11 || dataType === 15) return proto.doubleData;
  if (dataType === 7) return proto.int64Data;
  return dataType === 12 || dataType === 13 ? proto.uint64Data : proto.int32Data;
}

function mismatch(proto: TensorProto, expected: string, received: number): ModelError {
  return new ModelError("MODEL_INVALID", `tensor "${proto.name}" [${proto.dims.join(", ")}]: expected ${expected}, got ${received}`);
}

/** The file is little-endian; on other machines elements are turned round. */
function swapped(bytes: Uint8Array, width: number): Uint8Array {
  if (littleEndian || width === 1) return bytes;
  const turned = bytes.slice();
  for (let at = 0; at < turned.length; at += width) turned.subarray(at, at + width).reverse();
  return turned;
}
