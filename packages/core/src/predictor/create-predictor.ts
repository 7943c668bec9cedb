import { batchUnsafe, findBatchHazard } from "../batching/probe.ts";
import type { AbortLike, BackendSession, Definition, ModelContext, OpenRequest, Predictor, RawInputs, Tensors } from "../types/index.ts";
import { systemClock } from "./clock.ts";
import { createCodec } from "./codec.ts";
import { Emitter } from "./emitter.ts";
import { exampleFeeds } from "./example.ts";
import { type CommonOptions, checkOptions, checkSignal, type PredictorOptions, planBatching } from "./options.ts";
import { LocalPredictor } from "./predictor.ts";

/**
 * Loads a model and gives the predictor that runs it.
 *
 * With a definition, `predict` takes the definition's input and gives its output. Without one it takes named tensors, typed arrays or nested
 * arrays, checked against the model's own signature, and gives named tensors.
 *
 * Loading opens the model on the first device that takes it, runs the example once, and, where batching is on, proves that rows do not influence
 * one another.
 *
 * @throws ConfigError CONFIG_INVALID; ModelError MODEL_NOT_FOUND, MODEL_FETCH, MODEL_INVALID, MODEL_UNSUPPORTED, MODEL_REFUSED, MODEL_INTEGRITY;
 * BackendError BACKEND_MISSING, BACKEND_UNAVAILABLE; DefinitionError DEFINITION_FAILED, BATCH_UNSAFE; or `signal.reason`.
 */
export function createPredictor<Input, Output, BackendOptions extends object>(
  definition: Definition<Input, Output>,
  options: PredictorOptions<BackendOptions>,
): Promise<Predictor<Input, Output>>;
export function createPredictor<BackendOptions extends object>(
  options: PredictorOptions<BackendOptions>,
): Promise<Predictor<RawInputs, Tensors>>;
export async function createPredictor(first: unknown, second?: unknown): Promise<never> {
  const [definition, options] = splitArguments(first, second);
  checkOptions(options);
  checkSignal(options.signal);
  const plan = planBatching(options.batching);
  const clock = options.clock ?? systemClock;
  const events = new Emitter();
  if (options.onEvent !== undefined) events.on("*", options.onEvent);
  const startedAt = clock.now();
  throwIfAborted(options.signal);

  // The predictor does not exist yet while its session opens, and may hear of its capacity before it does.
  let predictor: LocalPredictor | undefined;
  const request: OpenRequest = {
    ...options,
    maxBatchSize: plan.maxBatchSize,
    onEvent: (event) => events.emit({ type: "backend-reported", event }),
    onCapacity: () => predictor?.wake(),
  };
  const session = await options.backend.open(request);
  try {
    const model = {
      name: options.name ?? definition?.name ?? session.metadata["name"] ?? "model",
      version: options.version ?? definition?.version ?? session.metadata["version"] ?? "1",
      digest: session.digest,
    };
    for (const skipped of session.skipped) events.emit({ type: "device-skipped", ...skipped });
    const context: ModelContext = { signature: session.signature, metadata: session.metadata };
    const codec = createCodec(definition, context, options.nonFinite === "refuse");
    const example = await exampleFeeds(definition, options.example, codec, session.signature);
    const hazard = await prepare(session, example, options, plan.enabled);
    if (hazard !== undefined && plan.demanded) throw batchUnsafe(model.name, hazard);
    throwIfAborted(options.signal);
    const batching = hazard === undefined ? plan : { enabled: false, maxBatchSize: 1, maxDelayMs: 0, reason: hazard };
    predictor = new LocalPredictor({ session, definition, codec, model, batching, example, events, clock, options });
    events.emit({ type: "model-loaded", model, device: session.device, loadMs: clock.now() - startedAt });
    return predictor as never;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Lets the backend place itself, warms the model up, and says why it must not be batched where that was asked. */
async function prepare(
  session: BackendSession,
  example: Tensors | undefined,
  options: CommonOptions,
  batched: boolean,
): Promise<string | undefined> {
  if (example !== undefined) {
    await session.calibrate?.(example);
    if (options.warmup !== false) await session.run(example);
    options.onProgress?.({ phase: "warmup", loaded: 1, total: 1, ratio: 1 });
  }
  return batched ? findBatchHazard(session, example) : undefined;
}

type AnyDefinition = Definition<never, unknown>;
type AnyOptions = PredictorOptions<object>;

function splitArguments(first: unknown, second: unknown): [AnyDefinition | undefined, AnyOptions] {
  return second === undefined ? [undefined, first as AnyOptions] : [first as AnyDefinition | undefined, second as AnyOptions];
}

function throwIfAborted(signal: AbortLike | undefined): void {
  if (signal?.aborted === true) throw signal.reason;
}
