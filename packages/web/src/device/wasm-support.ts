import type { Platform } from "./platform.ts";
import type { DeviceSupport } from "./supported-devices.ts";

// The smallest module that needs fixed-width SIMD: one function, () → v128, that splats an i32 and counts bits per lane.
const simdModule: Uint8Array<ArrayBuffer> = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b], // types: () → v128
  ...[0x03, 0x02, 0x01, 0x00], // functions: one, of type 0
  ...[0x0a, 0x0a, 0x01, 0x08, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0xfd, 0x62, 0x0b], // code: i32.const 0, i8x16.splat, i8x16.popcnt, end
]);

/** Whether WASM can run here, and with how many threads. */
export function wasmSupport(platform: Platform): DeviceSupport {
  const simd = platform.WebAssembly?.validate(simdModule) ?? false;
  const isolated = platform.crossOriginIsolated === true && platform.SharedArrayBuffer !== undefined;
  const threads = simd && isolated ? Math.max(1, platform.navigator?.hardwareConcurrency ?? 1) : 1;
  const base = { device: "wasm", supported: simd, automatic: simd, threads, software: false, features: [] } as const;
  if (platform.WebAssembly === undefined) return { ...base, reason: "this browser has no WebAssembly" };
  if (!simd) return { ...base, reason: "this browser's WebAssembly has no SIMD, which ONNX Runtime needs" };
  const why =
    "one thread only: the page is not cross-origin isolated (headers Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy)";
  return { ...base, reason: isolated ? undefined : why };
}
