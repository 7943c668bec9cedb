import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { elfNeeded } from "./elf-needed.ts";
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
  const parts = ["onnxruntime_providers_shared", "onnxruntime_providers_cuda"];
  const files = parts.map((name) => (process.platform === "win32" ? `${name}.dll` : `lib${name}.so`));
  const absent = files.filter((name) => !existsSync(join(folder, name)));
  if (absent.length > 0)
    return `${absent.join(", ")}: not beside onnxruntime-node's own libraries; reinstall it with its install script allowed (npm install onnxruntime-node --onnxruntime-node-install=cuda12)`;
  if (process.platform === "win32") return undefined;
  const needed = elfNeeded(join(folder, "libonnxruntime_providers_cuda.so")).filter((name) => !existsSync(join(folder, name)));
  // The runtime loads cuDNN by itself, and only once it is there.
  const cudnn = needed.some((name) => name.startsWith("libcudnn.")) ? [] : ["libcudnn.so.9"];
  return missingText([...needed, ...cudnn].filter(isMissing));
}

/** What to install for libraries that are not there, or undefined where there are none. */
export function missingText(missing: readonly string[]): string | undefined {
  if (missing.length === 0) return undefined;
  const major = /\.so\.(\d+)/.exec(missing.find((name) => /^libcu(dart|blas|blasLt)\./.test(name)) ?? "")?.[1];
  const cuda = major === undefined ? "CUDA" : `CUDA ${major}`;
  const packages = new Set(
    missing.map((name) => {
      if (name.startsWith("libcuda.")) return "the NVIDIA driver";
      if (name.startsWith("libcudnn")) return `cuDNN 9 for ${cuda} (https://developer.nvidia.com/cudnn-downloads)`;
      return /^lib(cu|nv)/.test(name)
        ? `the ${cuda} toolkit (https://developer.nvidia.com/cuda-downloads)`
        : `the system's package of ${name}`;
    }),
  );
  return `${missing.join(", ")}: not found by the dynamic linker; install ${[...packages].join(", and ")}, and name their folders in LD_LIBRARY_PATH where the linker does not know them`;
}

/** Asks the dynamic linker itself, which alone knows where it looks. What it finds is no addon, which Node says after having let go of it. */
export function isMissing(library: string): boolean {
  try {
    process.dlopen({ exports: {} }, library);
    return false;
  } catch (error) {
    return /cannot open shared object file|No such file|not found/i.test((error as Error).message);
  }
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
