import { availableParallelism } from "node:os";
import { cpuQuota } from "./cpu-quota.ts";

let taken = 0;

/**
 * Threads that all predictors of this process may use together: what PREDIKT_CPU_BUDGET says, as it does in a cluster's children; else the cores that it
 * may use, by affinity and by cgroup quota, less one for the host application where there are more than two.
 */
export function cpuBudget(): number {
  const given = Number(process.env["PREDIKT_CPU_BUDGET"]);
  if (Number.isInteger(given) && given >= 1) return given;
  const cores = Math.max(1, Math.min(availableParallelism(), cpuQuota() ?? Infinity));
  return cores > 2 ? cores - 1 : cores;
}

/** Takes as many threads as are left, at most `wanted`; at least `least`, even where none is. Returns how many. */
export function claimThreads(wanted: number, least: number): number {
  const given = Math.max(least, Math.min(wanted, cpuBudget() - taken));
  taken += given;
  return given;
}

/** Takes threads out of the budget, or returns false where they are not left, unless they are taken anyway. */
export function takeThreads(count: number, anyway?: "anyway"): boolean {
  if (anyway === undefined && taken + count > cpuBudget()) return false;
  taken += count;
  return true;
}

/** Gives threads back. */
export function giveThreads(count: number): void {
  taken -= count;
}

/** The threads of process `index` of `count` that share a budget: none gets fewer than one, and what does not divide goes to the first ones. */
export function shareOf(budget: number, index: number, count: number): number {
  return Math.max(1, Math.floor(budget / count) + (index < budget % count ? 1 : 0));
}
