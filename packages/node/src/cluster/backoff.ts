import type { Settings } from "./options.ts";

/** Milliseconds before the next attempt after `failures` in a row: doubling, bounded, and shortened by up to a half at random. */
export function delayAfter(failures: number, { minDelayMs, maxDelayMs }: Settings["restart"], random: () => number = Math.random): number {
  // 2 ** 1024 is Infinity, of which the minimum is still right.
  const full = Math.min(maxDelayMs, minDelayMs * 2 ** Math.max(0, failures - 1));
  return Math.round(full * (1 - random() / 2));
}
