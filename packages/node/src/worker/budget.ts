import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

let taken = 0;

/**
 * Threads that all predictors of this process may use together: the cores that it may use, by affinity and by cgroup quota, less one for the host
 * application where there are more than two.
 */
export function cpuBudget(): number {
  const cores = Math.max(1, Math.min(availableParallelism(), quota() ?? Infinity));
  return cores > 2 ? cores - 1 : cores;
}

/** Takes threads out of the budget, or returns false where they are not left. */
export function takeThreads(count: number): boolean {
  if (taken + count > cpuBudget()) return false;
  taken += count;
  return true;
}

/** Takes threads whether or not they are left: a predictor's first worker always starts. */
export function claimThreads(count: number): void {
  taken += count;
}

/** Gives threads back. */
export function giveThreads(count: number): void {
  taken -= count;
}

/** Whole cores of the cgroup's CPU quota, version 2 or 1; undefined where there is none. */
function quota(): number | undefined {
  const [limit, period] = read("/sys/fs/cgroup/cpu.max")?.split(" ") ?? [
    read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
    read("/sys/fs/cgroup/cpu/cpu.cfs_period_us"),
  ];
  const cores = Number(limit) / Number(period);
  return Number.isFinite(cores) && cores > 0 ? Math.max(1, Math.floor(cores)) : undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}
