import * as ort from "onnxruntime-web/wasm";

/** A session of the raw runtime on this thread, with the runtime's files that Predikt has. */
export function rawSession(source, files) {
  ort.env.wasm.wasmPaths = files;
  ort.env.wasm.numThreads = 1;
  return ort.InferenceSession.create(source, { executionProviders: ["wasm"] });
}

/** The raw runtime's tensor. */
export const { Tensor } = ort;
