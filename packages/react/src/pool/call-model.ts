import { OverloadError, type Prediction, type PredictOptions } from "@predikt/core";
import { untilAborted } from "@predikt/core/runtime";
import type { ModelHandle } from "./model-pool.ts";
import { noop } from "./until.ts";

/** What a call waits for: its turn, the model, or its answer. */
export type CallPhase = "queued" | "loading" | "running";

/** How a call is made. */
export interface CallOptions {
  /** Ends the call. The call's own signal and time limit abort it. Default: one of its own. */
  readonly controller?: AbortController;
  /** Called when the call no longer waits for its turn, and when it runs. */
  readonly onPhase?: (phase: CallPhase) => void;
  /** What the call waits for before anything else. It must not reject. */
  readonly turn?: Promise<unknown> | undefined;
  /** Whether a load that has just failed is tried again for this call. */
  readonly byHand?: boolean;
}

/**
 * One prediction: loads the model where it must be, and keeps it meanwhile. The time limit counts from the call.
 *
 * @throws What loading and `predictDetailed` throw; OverloadError DEADLINE_EXCEEDED; the reason of the abort
 */
export async function callModel<Input, Output>(
  model: ModelHandle<Input, Output>,
  input: Input,
  options: PredictOptions,
  { controller = new AbortController(), onPhase = noop, turn, byHand }: CallOptions = {},
): Promise<Prediction<Output>> {
  const { clock } = model;
  const { signal: given, timeoutMs = 0 } = options;
  const { signal } = controller;
  const abort = (): void => controller.abort(given?.reason);
  if (given?.aborted) abort();
  given?.addEventListener("abort", abort);
  const late = (): void => controller.abort(new OverloadError("DEADLINE_EXCEEDED", "no time was left to predict"));
  // A wrong limit is left to the predictor, which refuses it.
  const timer = timeoutMs > 0 ? clock.after(timeoutMs, late) : undefined;
  const release = model.hold();
  try {
    if (turn !== undefined) await untilAborted(turn, signal);
    onPhase(model.getState().status === "ready" ? "running" : "loading");
    const predictor = await untilAborted(model.load(!byHand), signal);
    onPhase("running");
    return await predictor.predictDetailed(input, { ...options, signal });
  } finally {
    given?.removeEventListener("abort", abort);
    clock.clear(timer);
    release();
  }
}
