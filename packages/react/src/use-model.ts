import type { Predictor } from "@predikt/core";
import { useEffect } from "react";
import type { ModelActions } from "./pool/model-pool.ts";
import type { AnyDefinition, InputOf, ModelRef, OutputOf } from "./pool/model-spec.ts";
import { idleModel, type ModelState } from "./pool/model-state.ts";
import { useModelHandle } from "./provider.tsx";
import { useObserved } from "./use-observed.ts";

/** Options of {@link useModel}. */
export interface UseModelOptions {
  /** Whether the model is loaded when the component appears. Default: false; `load()`, or the first prediction, does. */
  readonly autoLoad?: boolean | undefined;
}

/** What {@link useModel} gives. */
export interface UseModel<Input, Output> extends Omit<ModelState, "predictor">, ModelActions<Input, Output> {
  /** The model itself, once it is `ready`. Whoever closes it closes it for everybody: use `unload`. */
  readonly predictor: Predictor<Input, Output> | undefined;
}

/**
 * A model of the nearest provider as state: how far it is, where it runs and why there. While the component is mounted, the model has a user. On a server, and
 * until hydration is over, it is `idle`.
 *
 * @param model The definition of one of the provider's models, its name, or a spec of its own.
 * @throws ConfigError CONFIG_INVALID outside of a provider.
 */
export function useModel<Input, Output>(model: ModelRef<Input, Output>, options?: UseModelOptions): UseModel<Input, Output>;
export function useModel<D extends AnyDefinition = AnyDefinition>(
  name: string,
  options?: UseModelOptions,
): UseModel<InputOf<D>, OutputOf<D>>;
export function useModel(ref: ModelRef | string, { autoLoad = false }: UseModelOptions = {}): UseModel<unknown, unknown> {
  const model = useModelHandle(ref);
  useEffect(() => {
    if (autoLoad) void model.load();
  }, [model, autoLoad]);
  return useObserved(model, idleModel, model.actions);
}
