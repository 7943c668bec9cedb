import type { Platform } from "./platform.ts";
import { wasmSupport } from "./wasm-support.ts";
import { webgpuSupport } from "./webgpu-support.ts";

/** The devices of a browser. */
export type WebDevice = "webgpu" | "wasm";

/** What one device of this browser can do. */
export interface DeviceSupport {
  readonly device: WebDevice;
  /** Whether it works when it is asked for by name. */
  readonly supported: boolean;
  /** Whether an automatic choice may take it: as `supported`, but never a GPU that is software, nor WebKit's. */
  readonly automatic: boolean;
  /** Why it is not supported, not automatic, or slower than it could be. */
  readonly reason: string | undefined;
  /** Threads that WASM may use, at least 1; undefined for a GPU. */
  readonly threads: number | undefined;
  /** Whether the GPU is one that the CPU plays. */
  readonly software: boolean;
  /** The adapter's WebGPU features (`shader-f16`, …), sorted. */
  readonly features: readonly string[];
}

/**
 * Tells what this browser can run a model on, best first. It asks for a real WebGPU adapter and has the WebAssembly engine check a SIMD module,
 * so a `true` is more than the presence of an API. It never rejects, and downloads nothing.
 *
 * @param platform What to look at. Default: `globalThis`, in a page as in a worker.
 */
export async function supportedDevices(platform: Platform = globalThis as Platform): Promise<readonly DeviceSupport[]> {
  return [await webgpuSupport(platform), wasmSupport(platform)];
}
