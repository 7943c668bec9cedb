import {
  type Backend,
  type CommonOptions,
  ConfigError,
  createPredictor as createCorePredictor,
  type Definition,
  type Predictor,
  type RawInputs,
  type Tensors,
} from "@predikt/core";
import { definitionElsewhere } from "@predikt/core/runtime";
import type { WebOptions } from "./options.ts";
import { webBackend } from "./web-backend.ts";

/** Options of the browser's `createPredictor`. */
export type WebPredictorOptions = CommonOptions & WebOptions;

let shared: Backend<WebOptions> | undefined;

/**
 * Loads a model in a browser and gives the predictor that runs it: core's `createPredictor` with one {@link webBackend} for the whole page.
 *
 * @throws ConfigError CONFIG_INVALID; ModelError MODEL_NOT_FOUND, MODEL_FETCH, MODEL_INVALID, MODEL_UNSUPPORTED, MODEL_REFUSED, MODEL_INTEGRITY;
 * BackendError BACKEND_MISSING, BACKEND_UNAVAILABLE, BACKEND_MEMORY, BACKEND_LOST; DefinitionError DEFINITION_FAILED, BATCH_UNSAFE; or `signal.reason`.
 */
export function createPredictor<Input, Output>(
  definition: Definition<Input, Output>,
  options: WebPredictorOptions,
): Promise<Predictor<Input, Output>>;
export function createPredictor(options: WebPredictorOptions): Promise<Predictor<RawInputs, Tensors>>;
export async function createPredictor(first: unknown, second?: WebPredictorOptions): Promise<never> {
  shared ??= webBackend();
  const options = second ?? (first as WebPredictorOptions);
  const start = options?.worker ? options.worker.definitions : undefined;
  if (second === undefined) {
    if (start !== undefined) throw new ConfigError("worker.definitions", "a definition, whose work it does", "none");
    return (await createCorePredictor({ ...options, backend: shared })) as never;
  }
  const given = first as Definition<never, unknown>;
  if (start === undefined) return (await createCorePredictor(given, { ...second, backend: shared })) as never;
  const { definition, end } = definitionElsewhere(given, start);
  try {
    const predictor = await createCorePredictor(definition, { ...second, backend: shared });
    predictor.on("predictor-closed", end);
    return predictor as never;
  } catch (error) {
    end();
    throw error;
  }
}
