import {
  type CommonOptions,
  createPredictor as createCorePredictor,
  type Definition,
  type Predictor,
  type RawInputs,
  type Tensors,
} from "@predikt/core";
import { nodeBackend } from "./node-backend.ts";
import type { NodeOptions } from "./options.ts";

/** Options of Node's `createPredictor`. */
export type NodePredictorOptions = CommonOptions & NodeOptions;

/**
 * Loads a model on Node and gives the predictor that runs it: core's `createPredictor` with {@link nodeBackend}.
 *
 * @throws ConfigError CONFIG_INVALID; ModelError MODEL_NOT_FOUND, MODEL_FETCH, MODEL_INVALID, MODEL_UNSUPPORTED, MODEL_REFUSED, MODEL_INTEGRITY;
 * BackendError BACKEND_MISSING, BACKEND_UNAVAILABLE, BACKEND_MEMORY, BACKEND_LOST; DefinitionError DEFINITION_FAILED, BATCH_UNSAFE; or `signal.reason`.
 */
export function createPredictor<Input, Output>(
  definition: Definition<Input, Output>,
  options: NodePredictorOptions,
): Promise<Predictor<Input, Output>>;
export function createPredictor(options: NodePredictorOptions): Promise<Predictor<RawInputs, Tensors>>;
export function createPredictor(first: unknown, second?: NodePredictorOptions): Promise<never> {
  const backend = nodeBackend();
  const predictor: Promise<unknown> =
    second === undefined
      ? createCorePredictor({ ...(first as NodePredictorOptions), backend })
      : createCorePredictor(first as Definition<never, unknown>, { ...second, backend });
  return predictor as Promise<never>;
}
