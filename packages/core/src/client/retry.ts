import type { PrediktError } from "../errors/index.ts";
import type { Clock } from "../types/index.ts";
import type { Refusal } from "./exchange.ts";
import type { Link } from "./options.ts";

const passing: ReadonlySet<number> = new Set([429, 502, 503]);

/** Whether another attempt may succeed: no connection, or a status that says so, and no code that says the contrary. */
export function mayRetry(error: PrediktError): boolean {
  if (error.code === "REMOTE_STATUS") return passing.has(Number(error.details["status"]));
  return error.retryable && passing.has(error.status);
}

/** How long to wait before attempt `attempt + 1`: full jitter over a doubling range, and never less than the server asks. */
export function retryDelay({ retryAfterMs }: Refusal, attempt: number, { retryDelayMs }: Link): number {
  return Math.max(retryAfterMs, Math.random() * retryDelayMs * 2 ** attempt);
}

/** Waits, or less where the signal aborts. */
export function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clock.clear(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = clock.after(ms, done);
    signal.addEventListener("abort", done);
  });
}
