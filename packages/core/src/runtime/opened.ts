import { BackendError, type PrediktError } from "../errors/index.ts";
import type { Signature, SkippedDevice, TensorSpec } from "../types/index.ts";

/** What a model file says of its inputs and outputs. `checkModel` of `@predikt/core/onnx` gives one. */
export interface FileSignature {
  readonly signature: Signature;
  /** Outputs whose type the file does not give. */
  readonly untyped: readonly string[];
}

/** The file's signature, with the runtime's word for the outputs to which the file gives no type. */
export function completedSignature({ signature, untyped }: FileSignature, outputs: readonly TensorSpec[]): Signature {
  if (untyped.length === 0) return signature;
  return {
    inputs: signature.inputs,
    outputs: outputs.map((output) => signature.outputs.find(({ name }) => name === output.name) ?? output),
  };
}

/** The error where no device took the model: the model's own where it was found at fault, the missing packages' where all are missing. */
export function nothingOpened(errors: readonly PrediktError[], tried: readonly SkippedDevice[]): PrediktError {
  const telling = errors.find((error) => error.name === "ModelError" || error.code === "BACKEND_MEMORY");
  if (telling !== undefined) return telling;
  const reasons = tried.map(({ device, reason }) => `${device}: ${reason}`).join("; ");
  const code = errors.length > 0 && errors.every((error) => error.code === "BACKEND_MISSING") ? "BACKEND_MISSING" : "BACKEND_UNAVAILABLE";
  return new BackendError(code, `no device could be opened: ${reasons}`, { cause: errors[0], details: { tried } });
}
