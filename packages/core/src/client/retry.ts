import type { PrediktError } from "../errors/index.ts";
import { backoff, passingStatuses } from "../http/retry.ts";
import type { Refusal } from "./exchange.ts";
import type { Link } from "./options.ts";

/** Whether another attempt may succeed: no connection, or a status that says so, and no code that says the contrary. */
export function mayRetry(error: PrediktError): boolean {
  if (error.code === "REMOTE_STATUS") return passingStatuses.has(Number(error.details["status"]));
  return error.retryable && passingStatuses.has(error.status);
}

/** How long to wait before attempt `attempt + 1`. */
export function retryDelay({ retryAfterMs }: Refusal, attempt: number, { retryDelayMs }: Link): number {
  return backoff(attempt, retryDelayMs, retryAfterMs);
}
