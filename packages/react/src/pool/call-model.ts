import type { Prediction, PredictOptions } from "@predikt/core";
import type { ModelHandle } from "./model-pool.ts";
import { noop, until } from "./until.ts";

/** What a call waits for: its turn, the model, or its answer. */
export type CallPhase = "queued" | "loading" | "running";

/**
 * One prediction: loads the model where it must be, and keeps it meanwhile. The time limit counts from the call.
 *
 * @param onPhase Called when the call no longer waits for its turn, and when it runs.
 * @param turn What the call waits for before anything else. It must not reject.
 * @param byHand Whether a load that has just failed is tried again for this call.
 * @throws What loading and `predictDetailed` throw; OverloadError DEADLINE_EXCEEDED; `signal.reason`
 */
export async function callModel<Input, Output>(
  model: ModelHandle<Input, Output>,
  input: Input,
  options: PredictOptions,
  onPhase: (phase: CallPhase) => void = noop,
  turn?: Promise<unknown>,
  byHand = false,
): Promise<Prediction<Output>> {
  const { clock } = model;
  const { signal, timeoutMs = 0 } = options;
  // A wrong limit is left to the predictor, which refuses it.
  const deadline = timeoutMs > 0 ? clock.now() + timeoutMs : undefined;
  const release = model.hold();
  try {
    if (turn !== undefined) await until(turn, signal, clock, deadline);
    onPhase(model.getState().status === "ready" ? "running" : "loading");
    const predictor = await until(byHand ? model.load() : model.loadRested(), signal, clock, deadline);
    onPhase("running");
    const left = deadline === undefined ? options.timeoutMs : Math.max(0.001, deadline - clock.now());
    return await predictor.predictDetailed(input, { ...options, timeoutMs: left });
  } finally {
    release();
  }
}
