import type { Clock } from "../types/index.ts";

/** Statuses of a server that may soon do better. */
export const passingStatuses: ReadonlySet<number> = new Set([429, 502, 503]);

/** Milliseconds to wait by a Retry-After header: seconds or an HTTP date (RFC 9110, section 10.2.3). 0 where there is none. */
export function parseRetryAfter(value: string | null, now: number): number {
  if (value === null) return 0;
  const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}

/** How long to wait before attempt `attempt + 1`: full jitter over a doubling range, and never less than the server asks. */
export function backoff(attempt: number, retryDelayMs: number, retryAfterMs: number): number {
  return Math.max(retryAfterMs, Math.random() * retryDelayMs * 2 ** attempt);
}

/** Waits, or less where the signal aborts. */
export function pause(ms: number, clock: Clock, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clock.clear(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = clock.after(ms, done);
    signal?.addEventListener("abort", done);
  });
}
