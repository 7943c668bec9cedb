import { create, type DescMessage, fromBinary, type MessageInitShape, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { InputError } from "@predikt/core";

/** A message's bytes. Those of its `bytes` fields are copied once, the others do not matter. */
export function toMessage<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Buffer {
  const { buffer, byteOffset, byteLength } = toBinary(schema, create(schema, init), { writeUnknownFields: false });
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** Reads a message. Its `bytes` fields are views of the given bytes. @throws InputError BODY_INVALID */
export function fromMessage<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  try {
    return fromBinary(schema, bytes, { readUnknownFields: false });
  } catch (cause) {
    throw new InputError("BODY_INVALID", `message: expected ${schema.typeName}, got bytes that are none`, { cause });
  }
}
