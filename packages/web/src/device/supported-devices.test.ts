import { describe, expect, it } from "vitest";
import type { AdapterLike, Platform } from "./platform.ts";
import { type DeviceSupport, supportedDevices } from "./supported-devices.ts";

const adapter = (given: AdapterLike | null | Error): Platform => ({
  navigator: {
    gpu: {
      requestAdapter: async () => {
        if (given instanceof Error) throw given;
        return given;
      },
    },
  },
});
const webgpu = async (platform: Platform): Promise<DeviceSupport> => (await supportedDevices(platform))[0] as DeviceSupport;
const wasm = async (platform: Platform): Promise<DeviceSupport> => (await supportedDevices(platform))[1] as DeviceSupport;

describe("webgpu", () => {
  it("is supported with a hardware adapter, whose features it tells", async () => {
    const platform = adapter({ info: { vendor: "nvidia", architecture: "hopper" }, features: new Set(["timestamp-query", "shader-f16"]) });
    expect(await webgpu(platform)).toEqual({
      device: "webgpu",
      supported: true,
      automatic: true,
      reason: undefined,
      threads: undefined,
      software: false,
      features: ["shader-f16", "timestamp-query"],
    });
  });

  it.each([
    ["by its own flag", { info: { isFallbackAdapter: true } }],
    ["by the older flag", { isFallbackAdapter: true }],
    ["by its name", { info: { vendor: "google", architecture: "swiftshader" } }],
  ])("is never automatic on a software adapter, known %s", async (_how, given) => {
    const support = await webgpu(adapter(given));
    expect(support).toMatchObject({ supported: true, automatic: false, software: true });
    expect(support.reason).toMatch(/software/);
  });

  it.each([
    [
      "Safari",
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
      false,
    ],
    [
      "Chrome on an iPhone",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 CriOS/140.0 Mobile/15E148 Safari/604.1",
      false,
    ],
    ["Chrome", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", true],
    ["Firefox", "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", true],
  ])("in %s is automatic or not", async (_name, userAgent, automatic) => {
    const { navigator } = adapter({ info: { vendor: "apple" } });
    const support = await webgpu({ navigator: { ...navigator, userAgent } });
    expect(support).toMatchObject({ supported: true, automatic, software: false });
    expect(support.reason === undefined).toBe(automatic);
  });

  it.each<[string, Platform, RegExp]>([
    ["has no API", { navigator: {}, isSecureContext: true }, /no WebGPU/],
    ["is not secure", { navigator: {}, isSecureContext: false }, /secure context/],
    ["gives no adapter", adapter(null), /no adapter/],
    ["throws", adapter(new Error("device lost")), /device lost/],
  ])("is not supported where the browser %s, and says so", async (_why, platform, reason) => {
    const support = await webgpu(platform);
    expect(support).toMatchObject({ supported: false, automatic: false });
    expect(support.reason).toMatch(reason);
  });
});

describe("wasm", () => {
  const { WebAssembly } = globalThis as Platform;
  const isolated: Platform = {
    WebAssembly,
    SharedArrayBuffer,
    crossOriginIsolated: true,
    navigator: { hardwareConcurrency: 8 },
  } as Platform;

  it("has the machine's threads on an isolated page; this engine has SIMD", async () => {
    expect(await wasm(isolated)).toMatchObject({ supported: true, automatic: true, threads: 8, reason: undefined });
  });

  it("has one thread elsewhere, and names the headers", async () => {
    const support = await wasm({ ...isolated, crossOriginIsolated: false });
    expect(support).toMatchObject({ supported: true, threads: 1 });
    expect(support.reason).toMatch(/Cross-Origin-Opener-Policy/);
  });

  it("is not supported without WebAssembly or without SIMD", async () => {
    expect(await wasm({})).toMatchObject({ supported: false, reason: "this browser has no WebAssembly" });
    expect(await wasm({ WebAssembly: { validate: () => false } })).toMatchObject({ supported: false, automatic: false, threads: 1 });
  });
});

it("looks at this very process when nothing is given", async () => {
  expect((await supportedDevices()).map(({ device, supported }) => [device, supported])).toEqual([
    ["webgpu", false],
    ["wasm", true],
  ]);
});
