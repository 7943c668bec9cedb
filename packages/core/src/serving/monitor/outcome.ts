import { type ErrorCode, errorTable } from "../../errors/index.ts";
import type { PredictorEvent } from "../../types/index.ts";

/** What a predictor tells of a job that has settled. */
export type JobSettled = Extract<PredictorEvent, { type: "job-settled" }>;

/** How a prediction ended, by whose fault: `invalid` is the caller's, `rejected` was not taken, and `failed` is ours. */
export type PredictionOutcome = "succeeded" | "invalid" | "rejected" | "aborted" | "expired" | "failed";

/** Tells a job's outcome, with failures told apart by their code. */
export function outcomeOf({ outcome, code }: Pick<JobSettled, "outcome" | "code">): PredictionOutcome {
  if (outcome !== "failed") return outcome;
  const row = errorTable[code as ErrorCode];
  if (row === undefined) return "failed";
  if (row.status === 429 || row.status === 503) return "rejected";
  if (row.status === 504) return "expired";
  return row.status < 500 ? "invalid" : "failed";
}
