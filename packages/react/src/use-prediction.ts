import { useEffect, useMemo } from "react";
import { InputWatcher, type WatchOptions } from "./observer/input-watcher.ts";
import { type ObserverOptions, PredictionObserver } from "./observer/prediction-observer.ts";
import { idlePrediction, type PredictionActions, type PredictionState } from "./observer/prediction-state.ts";
import type { AnyDefinition, InputOf, ModelRef, OutputOf } from "./pool/model-spec.ts";
import { useModelHandle } from "./provider.tsx";
import { useObserved } from "./use-observed.ts";

/** Options of {@link usePrediction}. */
export interface UsePredictionOptions<Input> extends ObserverOptions, WatchOptions<Input> {
  /** Whether an error, or which one, is thrown while rendering, for the nearest error boundary. Default: false. */
  readonly throwOnError?: boolean | ((error: unknown) => boolean) | undefined;
}

/** What {@link usePrediction} gives. */
export interface UsePrediction<Input, Output> extends PredictionState<Output>, PredictionActions<Input, Output> {}

/**
 * A prediction as state, on a model of the nearest provider, which is loaded on the first prediction. By default only the newest call counts: those before it
 * are aborted. All are when the component goes. On a server, and until hydration is over, it is `idle`.
 *
 * @param model The definition of one of the provider's models, its name, or a spec of its own.
 * @param input Predicted when it appears and whenever it is another one, by reference or `inputKey`. `undefined` is `idle`; then call `predict`.
 * @throws ConfigError CONFIG_INVALID outside of a provider. With `throwOnError`, the prediction's error.
 */
export function usePrediction<Input, Output>(
  model: ModelRef<Input, Output>,
  input?: NoInfer<Input>,
  options?: UsePredictionOptions<NoInfer<Input>>,
): UsePrediction<Input, Output>;
export function usePrediction<D extends AnyDefinition = AnyDefinition>(
  name: string,
  input?: InputOf<D>,
  options?: UsePredictionOptions<InputOf<D>>,
): UsePrediction<InputOf<D>, OutputOf<D>>;
export function usePrediction(
  ref: ModelRef | string,
  input?: unknown,
  options: UsePredictionOptions<unknown> = {},
): UsePrediction<unknown, unknown> {
  const model = useModelHandle(ref);
  const watcher = useMemo(() => new InputWatcher(new PredictionObserver(model)), [model]);
  const { observer } = watcher;
  const state = useObserved(observer, idlePrediction);
  useEffect(() => {
    observer.options = options;
    watcher.update(input, state, options);
  });
  const { throwOnError = false } = options;
  const ahead = watcher.isAhead(input, state, options);
  if (!ahead && state.status === "error" && (typeof throwOnError === "function" ? throwOnError(state.error) : throwOnError))
    throw state.error;
  const reset = input === undefined;
  return useMemo(
    () => ({ ...(!ahead ? state : reset ? idlePrediction : observer.look(true)), ...observer.actions }),
    [state, observer, ahead, reset],
  );
}
