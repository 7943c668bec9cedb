import type { DeviceSupport } from "@predikt/web";
import { describe, expect, it } from "vitest";
import { chromiumPath, noGpu, softwareGpu, visit } from "./chromium.ts";

/** What `supportedDevices()` says in a real browser. */
async function devices(flags: readonly string[], isolated: boolean): Promise<DeviceSupport[]> {
  const { page, close } = await visit(flags, { isolated });
  try {
    // As text: the test's own compiler would rewrite an import in a function.
    return await page.evaluate<DeviceSupport[]>(`import("@predikt/web").then(({ supportedDevices }) => supportedDevices())`);
  } finally {
    await close();
  }
}

describe.skipIf(chromiumPath === undefined)("a real browser (needs Chromium: scripts/tools)", () => {
  it("without a GPU: WebGPU's API is there, and yet it is not supported; WASM has threads on an isolated page", async () => {
    const [webgpu, wasm] = await devices(noGpu, true);
    expect(webgpu).toMatchObject({ device: "webgpu", supported: false, reason: expect.stringContaining("no adapter") });
    expect(wasm).toMatchObject({ device: "wasm", supported: true, automatic: true });
    expect(wasm?.threads).toBeGreaterThan(0);
    expect(wasm?.reason).toBeUndefined();
  });

  it("with a software adapter: supported by name, never automatic; WASM has one thread on an ordinary page", async () => {
    const [webgpu, wasm] = await devices(softwareGpu, false);
    expect(webgpu).toMatchObject({ device: "webgpu", supported: true, automatic: false, software: true });
    expect(wasm).toMatchObject({ supported: true, threads: 1, reason: expect.stringContaining("Cross-Origin-Opener-Policy") });
  });
});
