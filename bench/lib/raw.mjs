import * as ort from "onnxruntime-node";

const runtime = ort.InferenceSession === undefined ? ort.default : ort;

/** A session of the raw runtime, with as many threads as Predikt takes by default. */
export function rawSession(bytes) {
  return runtime.InferenceSession.create(bytes, { intraOpNumThreads: 1, executionProviders: ["cpu"] });
}

/** The raw runtime's tensor. */
export const { Tensor } = runtime;
