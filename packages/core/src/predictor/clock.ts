import type { Clock } from "../types/index.ts";

/** The platform's clock and timers. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after: (ms, callback) => setTimeout(callback, ms),
  clear: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
};
