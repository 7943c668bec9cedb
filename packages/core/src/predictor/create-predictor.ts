import { hear, ignore } from "../batching/abort-listeners.ts";
import { batchUnsafe, findBatchHazard } from "../batching/probe.ts";
import { reasonOf } from "../errors/reason.ts";
import { isName } from "../model/check-name.ts";
import type { AbortLike, BackendSession, Definition, ModelContext, OpenRequest, Predictor, RawInputs, Tensors } from "../types/index.ts";
import { systemClock } from "./clock.ts";
import { createCodec } from "./codec.ts";
import { Emitter } from "./emitter.ts";
import { type Example, exampleFeeds } from "./example.ts";
import { type CommonOptions, checkOptions, type PredictorOptions, planBatching, unbatched } from "./options.ts";
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
  const [definition, options] = (second === undefined ? [undefined, first] : [first, second]) as [AnyDefinition | undefined, AnyOptions];
  checkOptions(options);
  const plan = planBatching(options.batching);
  const clock = options.clock ?? systemClock;
  const events = new Emitter();
  if (options.onEvent !== undefined) events.on("*", options.onEvent);
  const startedAt = clock.now();
  const { backend, signal } = options;
  if (signal?.aborted) throw signal.reason;

  // The predictor does not exist yet while its session opens, and may hear of its capacity before it does.
  let predictor: LocalPredictor | undefined;
  const request: OpenRequest = {
    ...options,
    name: options.name ?? definition?.name,
    maxBatchSize: plan.maxBatchSize,
    onEvent: (event) => events.emit({ type: "backend-reported", event }),
    onCapacity: () => predictor?.wake(),
  };
  const session = await backend.open(request);
  try {
    const { metadata } = session;
    const model = {
      name: request.name ?? usable(metadata["name"], "model"),
      version: options.version ?? definition?.version ?? usable(metadata["version"], "1"),
      digest: session.digest,
    };
    for (const skipped of session.skipped) events.emit({ type: "device-skipped", ...skipped });
    const context: ModelContext = { signature: session.signature, metadata };
    const codec = createCodec(definition, context, options.nonFinite === "refuse");
    const example = await exampleFeeds(definition, options.example, codec, session.signature);
    const { feeds, hazard: reason } = await untilAborted(prepare(session, example, options, plan.enabled, events), signal);
    if (reason && plan.demanded) throw batchUnsafe(model.name, reason);
    const batching = reason ? { ...unbatched, reason } : plan;
    const loadMs = clock.now() - startedAt;
    const about = { backend: backend.name, batching, loadMs };
    predictor = new LocalPredictor({ session, definition, codec, model, about, example: feeds, events, clock }, options);
    events.emit({ type: "model-loaded", model, device: session.device, loadMs });
    return predictor as never;
  } catch (error) {
    const closing = session.close().catch(() => {});
    // What still runs for a load that nobody waits for may take long.
    if (!signal?.aborted) await closing;
    throw error;
  }
}

/**
 * Lets the backend place itself, warms the model up, and says why it must not be batched where that was asked. An example that was made up, because
 * nobody gave one, may be wrong for the model: then it is told, and nothing else.
 */
async function prepare(
  session: BackendSession,
  example: Example | undefined,
  options: CommonOptions,
  batched: boolean,
  events: Emitter,
): Promise<{ readonly feeds: Tensors | undefined; readonly hazard: string | undefined }> {
  const runOptions = { abandoned: options.signal };
  let feeds = example?.feeds;
  if (feeds !== undefined && options.warmup !== false) {
    try {
      await session.calibrate?.(feeds);
      await session.run(feeds, runOptions);
      options.onProgress?.({ phase: "warmup", loaded: 1, total: 1, ratio: 1 });
    } catch (error) {
      if (example?.given !== false || options.signal?.aborted) throw error;
      events.emit({ type: "warmup-skipped", reason: reasonOf(error) });
      feeds = undefined;
    }
  }
  return { feeds, hazard: batched ? await findBatchHazard(session, feeds, runOptions) : undefined };
}

/** Ends with the signal's reason as soon as it aborts, whatever the work does. */
function untilAborted<Result>(work: Promise<Result>, signal: AbortLike | undefined): Promise<Result> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    hear(signal, abort);
    if (signal.aborted) abort();
    work.then(resolve, reject).then(() => ignore(signal, abort));
  });
}

/** A name or version from the file, where it may stand in a URL. */
function usable(name: string | undefined, otherwise: string): string {
  return isName(name) ? name : otherwise;
}

type AnyDefinition = Definition<never, unknown>;
type AnyOptions = PredictorOptions<object>;
