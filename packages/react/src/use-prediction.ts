import type { Definition, PredictOptions } from "@predikt/core";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { idle, PredictionObserver, type PredictionState } from "./prediction-observer.ts";
import { usePredictorStore } from "./provider.tsx";

/** What {@link usePrediction} gives. */
export interface UsePrediction<Input, Output> extends PredictionState<Output> {
  /** Predicts now. The same function on every render. A call still under way is aborted; the promise rejects as `predictor.predict` does. */
  readonly predict: (input: Input, options?: PredictOptions) => Promise<Output>;
}

/**
 * A prediction as state, on the nearest {@link PredictorProvider}'s runtime. The model is loaded on the first prediction. Only the newest call
 * counts: older ones are aborted, and the last one is when the component goes.
 *
 * @param input Predicted when it appears and whenever its content changes; without one, call `predict`.
 * @throws ConfigError CONFIG_INVALID outside of a provider.
 */
export function usePrediction<Input, Output>(definition: Definition<Input, Output>, input?: Input): UsePrediction<Input, Output> {
  const store = usePredictorStore();
  const observer = useMemo(() => new PredictionObserver(() => store.load(definition)), [store, definition]);
  const state = useSyncExternalStore(observer.subscribe, observer.getState, () => idle);
  useEffect(() => {
    if (input !== undefined) observer.watch(input);
  }, [observer, input]);
  return useMemo(() => ({ ...state, predict: observer.predict }), [state, observer]);
}
