import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { CudaOptions } from "./options.ts";

/** Why CUDA cannot be used here, or undefined where its libraries are in place. Looking first keeps native complaints off stderr. */
export function cudaProblem(): string | undefined {
  if (process.platform !== "linux" && process.platform !== "win32") return `there is no CUDA on ${process.platform}`;
  let folder: string;
  try {
    const entry = createRequire(import.meta.url).resolve("onnxruntime-node");
    folder = join(dirname(entry), "..", "bin", "napi-v6", process.platform, process.arch);
  } catch {
    return "onnxruntime-node is not installed: npm install onnxruntime-node";
  }
  const library = process.platform === "win32" ? "onnxruntime_providers_cuda.dll" : "libonnxruntime_providers_cuda.so";
  if (existsSync(join(folder, library))) return undefined;
  return `${library} is not beside onnxruntime-node's own libraries: reinstall it with its install script allowed (npm install onnxruntime-node --onnxruntime-node-install=cuda12)`;
}

/** CUDA options as entries of the runtime's session configuration, which is how its CUDA provider takes what the JavaScript API does not name. */
export function cudaEntries(options: CudaOptions): Record<string, string> {
  const { deviceId, memoryLimitBytes, tf32, cudnnSearch } = options;
  return {
    ...(deviceId === undefined ? {} : { device_id: String(deviceId) }),
    ...(memoryLimitBytes === undefined ? {} : { gpu_mem_limit: String(memoryLimitBytes) }),
    ...(tf32 === undefined ? {} : { use_tf32: tf32 ? "1" : "0" }),
    ...(cudnnSearch === undefined ? {} : { cudnn_conv_algo_search: cudnnSearch.toUpperCase() }),
  };
}
