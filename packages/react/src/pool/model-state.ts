import type { Choice, LoadProgress, PredictorInfo } from "@predikt/core";
import type { LocalSpec, ModelSpec } from "./model-spec.ts";
import type { AnyPredictor } from "./open-model.ts";

/** How far a model is. */
export type ModelStatus = "idle" | "downloading" | "opening" | "warming" | "ready" | "error";

/** Where a model runs and why there. */
export interface ModelChoice {
  /** `server` where another machine answers over HTTP. */
  readonly runsOn: "device" | "server";
  /** `webgpu`, `wasm`, `cpu`, …; `remote` on a server. */
  readonly device: string;
  /** Why each better choice was not taken, in order: `webgpu: no adapter`. Empty where the first choice was taken. */
  readonly because: readonly string[];
}

/** A model as state. */
export interface ModelState {
  /** `idle` before anybody asks for it, and again once it is unloaded. */
  readonly status: ModelStatus;
  /** How far the load is, or was when it ended. */
  readonly progress: LoadProgress | undefined;
  readonly device: string | undefined;
  /** What the last load failed with: a PrediktError, or whatever the app's own `create` threw. */
  readonly error: unknown;
  /** What runs, as it was when the model became ready. */
  readonly info: PredictorInfo | undefined;
  readonly choice: ModelChoice | undefined;
  readonly predictor: AnyPredictor | undefined;
}

/** Nothing loaded, nothing asked for. */
export const idleModel: ModelState = {
  status: "idle",
  progress: undefined,
  device: undefined,
  error: undefined,
  info: undefined,
  choice: undefined,
  predictor: undefined,
};

const statusOf: Readonly<Record<string, ModelStatus>> = { open: "opening", warmup: "warming" };

/** The state while a model loads. */
export function loadingState(progress: LoadProgress | undefined): ModelState {
  return { ...idleModel, status: statusOf[progress?.phase ?? ""] ?? "downloading", progress };
}

/** The state once a model is ready. */
export function readyState(predictor: AnyPredictor, spec: ModelSpec, progress: LoadProgress | undefined): ModelState {
  const { info } = predictor;
  const { device, execution, skipped, details } = info;
  const lost = (details["choice"] as Choice | undefined)?.lost ?? [];
  const candidates = "prefer" in spec ? (spec.prefer as readonly ModelSpec[]) : [];
  const because = [
    ...lost.map(({ candidate, reason }) => `${nameOf(candidates[candidate] as ModelSpec)}: ${reason}`),
    ...skipped.map((other) => `${other.device}: ${other.reason}`),
  ];
  const choice: ModelChoice = { runsOn: execution === "remote" ? "server" : "device", device, because };
  return { ...idleModel, status: "ready", progress, device, info, choice, predictor };
}

/** What a page may call a candidate that was not taken. */
function nameOf(spec: ModelSpec): string {
  return "url" in spec ? "server" : String((spec as LocalSpec).device ?? "auto");
}
