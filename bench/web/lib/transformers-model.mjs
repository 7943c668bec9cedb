import { AutoModelForImageClassification, env, Tensor } from "@huggingface/transformers";

export { Tensor };

/** The model of /models/photo in transformers.js, from the same file, with the runtime of its own choice from this site. */
export function transformersModel() {
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = "/models/";
  const folder = new URL("/transformers-runtime/", location.href).href;
  env.backends.onnx.wasm.wasmPaths = {
    mjs: `${folder}ort-wasm-simd-threaded.asyncify.mjs`,
    wasm: `${folder}ort-wasm-simd-threaded.asyncify.wasm`,
  };
  env.backends.onnx.wasm.numThreads = 1;
  return AutoModelForImageClassification.from_pretrained("photo", { device: "wasm", dtype: "fp32" });
}
