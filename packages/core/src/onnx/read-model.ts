import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { ModelError } from "../errors/index.ts";
import type { ModelProto } from "./proto.ts";

/**
 * Reads a model file. The elements of initialisers are views of `bytes`, not copies: they stay valid as long as nobody writes to it.
 *
 * @throws ModelError MODEL_INVALID where it is not a readable ONNX file, MODEL_REFUSED where it is nested past what can be read
 */
export function readModel(bytes: Uint8Array): ModelProto {
  if (bytes.byteLength === 0) throw new ModelError("MODEL_INVALID", "the model file is empty");
  // A Buffer's subarrays would be Buffers, whose methods mean other things.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return fromBinary(ModelProtoSchema, plain) as unknown as ModelProto;
  } catch (cause) {
    // The parser stops at 100 messages within one another, as the runtime's does.
    if (cause instanceof Error && /call stack|recursion/i.test(cause.message)) {
      throw new ModelError("MODEL_REFUSED", "the model file is nested too deeply to be read", { cause });
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ModelError("MODEL_INVALID", `the model file is not ONNX, or is cut off: ${reason}`, { cause });
  }
}

/** Writes a model as a file. Fields that this version does not know are kept. */
export function writeModel(model: ModelProto): Uint8Array {
  return toBinary(ModelProtoSchema, model as never);
}
