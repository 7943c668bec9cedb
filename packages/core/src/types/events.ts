import type { BackendEvent, SkippedDevice } from "./backend.ts";
import type { ModelIdentity, Timings } from "./predictor.ts";

/** What a predictor reports. Names are noun-verb, past tense. */
export type PredictorEvent =
  | { readonly type: "model-loaded"; readonly model: ModelIdentity; readonly device: string; readonly loadMs: number }
  | ({ readonly type: "device-skipped" } & SkippedDevice)
  | { readonly type: "warmup-skipped"; readonly reason: string }
  | { readonly type: "batch-run"; readonly rows: number; readonly jobs: number; readonly runMs: number; readonly ok: boolean }
  | { readonly type: "batch-isolated"; readonly jobs: number; readonly code: string }
  | { readonly type: "job-rejected"; readonly code: string; readonly queued: number }
  | {
      readonly type: "job-settled";
      readonly id: string | undefined;
      readonly outcome: "succeeded" | "failed" | "aborted" | "expired";
      readonly code: string | undefined;
      readonly timings: Timings;
      readonly batchSize: number;
    }
  | { readonly type: "backend-reported"; readonly event: BackendEvent }
  | { readonly type: "predictor-closed" };
