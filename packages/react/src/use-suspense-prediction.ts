import type { Prediction } from "@predikt/core";
import * as React from "react";
import { clientOnlyError } from "./client-only.ts";
import { PredictionObserver } from "./observer/prediction-observer.ts";
import { type InputKey, keyOf } from "./pool/input-key.ts";
import type { AnyDefinition, InputOf, ModelRef, OutputOf } from "./pool/model-spec.ts";
import type { SuspenseEntry } from "./pool/suspense-cache.ts";
import { noop } from "./pool/until.ts";
import { useModelHandle, useModelPool } from "./provider.tsx";
import { useObserved } from "./use-observed.ts";
import type { UsePrediction } from "./use-prediction.ts";

/** Options of {@link useSuspensePrediction}. */
export interface UseSuspensePredictionOptions<Input> {
  /** As for `usePrediction`: what the input is compared by. */
  readonly inputKey?: InputKey<Input> | undefined;
}

/** What {@link useSuspensePrediction} gives: as `usePrediction`, and `data` is there. */
export interface UseSuspensePrediction<Input, Output> extends UsePrediction<Input, Output> {
  readonly data: Output;
}

/**
 * A prediction that the component waits for: the nearest Suspense boundary shows its fallback until `data` is there, and the nearest error boundary takes an
 * error, which a render more than a second later tries anew, or later where loading the model has failed again and again. The answer to an input, by its parts or `inputKey`, is kept for later renders
 * until five minutes after its last user.
 *
 * On a server it predicts nothing: it throws an error that {@link isClientOnlyError} recognises, React sends the fallback, and the browser goes on.
 *
 * @throws ConfigError CONFIG_INVALID outside of a provider; DEFINITION_FAILED and the like as `predictor.predict`.
 */
export function useSuspensePrediction<Input, Output>(
  model: ModelRef<Input, Output>,
  input: NoInfer<Input>,
  options?: UseSuspensePredictionOptions<NoInfer<Input>>,
): UseSuspensePrediction<Input, Output>;
export function useSuspensePrediction<D extends AnyDefinition = AnyDefinition>(
  name: string,
  input: InputOf<D>,
  options?: UseSuspensePredictionOptions<InputOf<D>>,
): UseSuspensePrediction<InputOf<D>, OutputOf<D>>;
export function useSuspensePrediction(
  ref: ModelRef | string,
  input: unknown,
  { inputKey }: UseSuspensePredictionOptions<unknown> = {},
): UseSuspensePrediction<unknown, unknown> {
  const { suspense } = useModelPool();
  const model = useModelHandle(ref);
  if (React.useSyncExternalStore(here.subscribe, here.getState, here.onServer)) throw clientOnlyError();
  const entry = suspense.entry(model, input, keyOf(input, inputKey));
  const prediction = read(entry);
  React.useEffect(() => suspense.hold(entry), [suspense, entry]);
  const observer = React.useMemo(() => new PredictionObserver(model, prediction), [model, prediction]);
  return useObserved(observer, observer.getState(), observer.actions) as UseSuspensePrediction<unknown, unknown>;
}

// On a server, and in what a browser takes over from it, the snapshot is the other one.
const here = { subscribe: () => noop, getState: () => false, onServer: () => true };

// Not by its name: bundlers refuse an import that React 18 lacks.
const use = (React as { readonly [name: string]: unknown })["use".trim()] as (<T>(promise: Promise<T>) => T) | undefined;

/** The prediction, or what React takes for "not yet": `use` of React 19, a thrown promise in React 18. */
function read<Output>({ promise }: SuspenseEntry<Output>): Prediction<Output> {
  if (use !== undefined) return use(promise);
  if (promise.status === "rejected") throw promise.reason;
  if (promise.value === undefined) throw promise;
  return promise.value;
}
