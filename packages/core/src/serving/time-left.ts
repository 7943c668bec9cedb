import { isPrediktError, OverloadError } from "../errors/index.ts";
import type { PredictOptions } from "../types/index.ts";

/** What a request asks for, and since when its time counts. */
export interface Timed {
  /** As the request has them: `timeoutMs` counts from {@link arrivedAt}. */
  readonly options: PredictOptions;
  /** When the request came, where time counts. */
  readonly arrivedAt: number;
}

/** The options for the predictor, whose clock starts now: what the body took is off the time limit. @throws OverloadError DEADLINE_EXCEEDED */
export function optionsNow({ options, arrivedAt }: Timed): PredictOptions {
  const { timeoutMs } = options;
  if (timeoutMs === undefined) return options;
  const left = timeoutMs - (performance.now() - arrivedAt);
  if (left <= 0) throw expired(timeoutMs);
  return { ...options, timeoutMs: left };
}

/** An expiry names the limit that was asked for, not what was left of it. */
export function asAsked(thrown: unknown, { options: { timeoutMs } }: Timed): unknown {
  const ours = isPrediktError(thrown, "DEADLINE_EXCEEDED") && thrown.details["timeoutMs"] !== undefined;
  return timeoutMs !== undefined && ours ? expired(timeoutMs) : thrown;
}

function expired(timeoutMs: number): OverloadError {
  return new OverloadError("DEADLINE_EXCEEDED", `no answer within ${timeoutMs} ms`, { details: { timeoutMs } });
}
