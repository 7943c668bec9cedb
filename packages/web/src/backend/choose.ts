import type { OpenRequest, SkippedDevice } from "@predikt/core";
import { deviceList } from "@predikt/core/runtime";
import type { WebDevice } from "../device/supported-devices.ts";
import type { Probe, RuntimeKind } from "../worker/protocol.ts";

/** A device, and the builds of the runtime that can run it, smallest first. */
export interface Candidate {
  readonly device: WebDevice;
  readonly kinds: readonly RuntimeKind[];
}

/** The devices to try, in order. */
export interface Candidates {
  readonly candidates: readonly Candidate[];
  readonly skipped: readonly SkippedDevice[];
  /** Whether the first may be exchanged for a faster one. */
  readonly isAutomatic: boolean;
}

/** The devices asked for, those left out that this browser cannot run, or that nobody asked for by name and that are slow. */
export function chooseCandidates(device: OpenRequest["device"], { devices, jspi }: Probe): Candidates {
  const asked = deviceList(device);
  const names = asked.flatMap((name) => (name === "auto" ? ["webgpu", "wasm"] : [name]));
  const candidates: Candidate[] = [];
  const skipped: SkippedDevice[] = [];
  for (const name of new Set(names)) {
    const support = devices.find((each) => each.device === name);
    if (support === undefined) skipped.push({ device: name, reason: "no device of a browser: those are webgpu and wasm" });
    else if (!(asked.includes(name) ? support.supported : support.automatic))
      skipped.push({ device: name, reason: support.reason ?? "not supported" });
    else candidates.push({ device: support.device, kinds: name === "wasm" ? ["wasm"] : jspi ? ["jspi", "asyncify"] : ["asyncify"] });
  }
  return { candidates, skipped, isAutomatic: !asked.includes("webgpu") };
}
