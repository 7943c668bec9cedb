import { readFile } from "node:fs/promises";
import { arch, availableParallelism, cpus, freemem, platform, release, totalmem } from "node:os";
import manifest from "../../../package.json" with { type: "json" };
import { cpuBudget } from "../../worker/budget.ts";
import { cpuQuota } from "../../worker/cpu-quota.ts";
import type { DeviceReport } from "./devices.ts";
import type { PackageReport } from "./packages.ts";

/** What the machine is. */
export interface MachineFacts {
  readonly predikt: string;
  readonly node: string;
  /** E.g. `linux 6.1 x64`. */
  readonly system: string;
  readonly cpu: {
    readonly model: string;
    /** That this process may use, by affinity. */
    readonly cores: number;
    /** Cores that the container may use; null where it has no limit. */
    readonly quota: number | null;
    /** Threads that all predictors of a process take together. */
    readonly budget: number;
  };
  readonly memory: {
    readonly totalBytes: number;
    readonly freeBytes: number;
    /** Of the container; null where it has none. */
    readonly limitBytes: number | null;
  };
}

/** What `predikt doctor --json` prints. */
export interface Diagnosis extends MachineFacts {
  readonly devices: readonly DeviceReport[];
  readonly packages: readonly PackageReport[];
}

/** Looks at the machine. */
export async function machineFacts(): Promise<MachineFacts> {
  return {
    predikt: manifest.version,
    node: process.version,
    system: `${platform()} ${release()} ${arch()}`,
    cpu: { model: cpus()[0]?.model ?? "unknown", cores: availableParallelism(), quota: cpuQuota() ?? null, budget: cpuBudget() },
    memory: { totalBytes: totalmem(), freeBytes: freemem(), limitBytes: await memoryLimit() },
  };
}

/** The limit of the cgroup, of version 2 or 1. */
async function memoryLimit(): Promise<number | null> {
  for (const file of ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]) {
    const limit = Number((await readFile(file, "utf8").catch(() => "")).trim() || Number.NaN);
    // Version 1 has a number near 2⁶³ for none.
    if (Number.isFinite(limit) && limit < totalmem()) return limit;
  }
  return null;
}
