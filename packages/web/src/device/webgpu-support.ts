import type { AdapterLike, Platform } from "./platform.ts";
import type { DeviceSupport } from "./supported-devices.ts";

// Adapters that draw with the CPU, by the names their drivers give themselves.
const softwareNames: RegExp = /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i;

const patienceMs = 10_000;

/** Whether WebGPU can run here, found by really asking for an adapter: that `navigator.gpu` exists proves nothing. */
export async function webgpuSupport(platform: Platform): Promise<DeviceSupport> {
  const gpu = platform.navigator?.gpu;
  if (gpu === undefined) {
    return unsupported(
      platform.isSecureContext === false ? "WebGPU needs a secure context (HTTPS or localhost)" : "this browser has no WebGPU",
    );
  }
  let adapter: AdapterLike | null;
  try {
    // Some drivers never answer.
    const silence = new Promise<never>((_, reject) => setTimeout(reject, patienceMs, new Error(`no answer within ${patienceMs} ms`)));
    adapter = await Promise.race([gpu.requestAdapter(), silence]);
  } catch (error) {
    return unsupported(`WebGPU gave no adapter: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (adapter === null) return unsupported("WebGPU is there, but has no adapter: no GPU, or one that the browser blocks");
  const software = isSoftware(adapter);
  const reason = software
    ? "the adapter is software, about 100 times slower than WASM: only when asked for by name"
    : isWebKit(platform)
      ? "WebGPU of WebKit is not trusted to run models yet: only when asked for by name"
      : undefined;
  return {
    device: "webgpu",
    supported: true,
    automatic: reason === undefined,
    reason,
    threads: undefined,
    software,
    features: [...(adapter.features ?? [])].sort(),
  };
}

/** Safari, and every browser of iOS. Chromium says that it is AppleWebKit, too. */
function isWebKit({ navigator }: Platform): boolean {
  const { userAgent = "" } = navigator ?? {};
  return userAgent.includes("AppleWebKit") && !userAgent.includes("Chrome/");
}

function isSoftware({ info, isFallbackAdapter }: AdapterLike): boolean {
  if (isFallbackAdapter === true || info?.isFallbackAdapter === true) return true;
  return softwareNames.test(`${info?.vendor ?? ""} ${info?.architecture ?? ""}`);
}

function unsupported(reason: string): DeviceSupport {
  return { device: "webgpu", supported: false, automatic: false, reason, threads: undefined, software: false, features: [] };
}
