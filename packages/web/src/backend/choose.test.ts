import { describe, expect, it } from "vitest";
import { wasmOnly } from "../../test/fake-worker.ts";
import type { DeviceSupport } from "../device/supported-devices.ts";
import type { Probe } from "../worker/protocol.ts";
import { chooseCandidates } from "./choose.ts";

const wasm = wasmOnly.devices[1] as DeviceSupport;
const gpu: DeviceSupport = {
  device: "webgpu",
  supported: true,
  automatic: true,
  reason: undefined,
  threads: undefined,
  software: false,
  features: [],
};
const software: DeviceSupport = { ...gpu, automatic: false, software: true, reason: "the adapter is software" };
const browser = (webgpu: DeviceSupport, jspi = true): Probe => ({ devices: [webgpu, wasm], jspi });

const onGpu = { device: "webgpu", kinds: ["jspi", "asyncify"] };
const onWasm = { device: "wasm", kinds: ["wasm"] };

describe("the devices to try", () => {
  it("are a real GPU and then WebAssembly, each with the smallest builds that run it", () => {
    expect(chooseCandidates(undefined, browser(gpu))).toEqual({ candidates: [onGpu, onWasm], skipped: [], isAutomatic: true });
    expect(chooseCandidates("auto", browser(gpu, false)).candidates).toEqual([{ device: "webgpu", kinds: ["asyncify"] }, onWasm]);
  });

  it("leave out a GPU that is software or not there, and say why", () => {
    const skipped = [{ device: "webgpu", reason: "the adapter is software" }];
    expect(chooseCandidates("auto", browser(software))).toEqual({ candidates: [onWasm], skipped, isAutomatic: true });
    const { candidates, skipped: missing } = chooseCandidates(["webgpu", "wasm"], wasmOnly);
    expect([candidates, missing]).toEqual([[onWasm], [{ device: "webgpu", reason: "this browser has no WebGPU" }]]);
  });

  it("take a GPU that is software where it is asked for by name, which no timing overrules", () => {
    expect(chooseCandidates("webgpu", browser(software))).toEqual({ candidates: [onGpu], skipped: [], isAutomatic: false });
    expect(chooseCandidates(["webgpu", "auto"], browser(software))).toMatchObject({ candidates: [onGpu, onWasm], isAutomatic: false });
  });

  it("come in the order asked for, each once", () => {
    expect(chooseCandidates(["wasm", "auto", "wasm"], browser(gpu)).candidates).toEqual([onWasm, onGpu]);
  });

  it("that no browser has are skipped with the names of those that it has", () => {
    const reason = "no device of a browser: those are webgpu and wasm";
    expect(chooseCandidates("cuda", browser(gpu))).toMatchObject({ candidates: [], skipped: [{ device: "cuda", reason }] });
  });

  it("must be named properly", () => {
    expect(() => chooseCandidates([], wasmOnly)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});
