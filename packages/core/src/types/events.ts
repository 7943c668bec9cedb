import type { BackendEvent, SkippedDevice } from "./backend.ts";
import type { AbortLike } from "./options.ts";
import type { ModelIdentity, Timings } from "./predictor.ts";

/** What a predictor reports. Names are noun-verb, past tense. */
export type PredictorEvent =
  | { readonly type: "model-loaded"; readonly model: ModelIdentity; readonly device: string; readonly loadMs: number }
  | ({ readonly type: "device-skipped" } & SkippedDevice)
  | { readonly type: "warmup-skipped"; readonly reason: string }
  | {
      readonly type: "batch-run";
      readonly rows: number;
      readonly jobs: number;
      /** Jobs that were left waiting when it began. */
      readonly queued: number;
      /** Runs that were under way already when it began. */
      readonly running: number;
      readonly runMs: number;
      readonly ok: boolean;
    }
  | { readonly type: "batch-isolated"; readonly jobs: number; readonly code: string }
  | { readonly type: "job-rejected"; readonly code: string; readonly queued: number }
  | {
      readonly type: "job-settled";
      readonly id: string | undefined;
      /** The call's own, by which whoever made the call knows its job: ids may be used twice. */
      readonly signal?: AbortLike | undefined;
      readonly outcome: "succeeded" | "failed" | "aborted" | "expired";
      readonly code: string | undefined;
      readonly timings: Timings;
      readonly batchSize: number;
    }
  /** A member of an ensemble failed, and the others answered; or one of a cascade did, and the next was asked. */
  | { readonly type: "stage-failed"; readonly id: string | undefined; readonly stage: number; readonly code: string }
  /** A member of a cascade was not confident enough: the next one is asked. */
  | { readonly type: "stage-escalated"; readonly id: string | undefined; readonly from: number; readonly to: number }
  | { readonly type: "cache-asked"; readonly id: string | undefined; readonly outcome: "hit" | "miss" | "shared" | "bypassed" }
  | { readonly type: "backend-reported"; readonly event: BackendEvent }
  | { readonly type: "predictor-closed" };
