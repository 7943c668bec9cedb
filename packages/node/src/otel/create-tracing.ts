import type { TracerProvider } from "@opentelemetry/api";
import type { AbortLike, Predictor } from "@predikt/core";
import type { Tracing } from "@predikt/core/serving";
import type { CallContexts } from "./call-contexts.ts";
import { loadApi } from "./load-api.ts";
import { tracePredictor } from "./trace-predictor.ts";
import { traceRequests } from "./trace-requests.ts";

/** Options of `createTracing`. */
export interface TracingOptions {
  /** Where spans go. Default: the provider that the application has registered, when it has. */
  readonly tracerProvider?: TracerProvider | undefined;
}

/** Predictions in OpenTelemetry's traces: for `HandlerOptions.tracing`, for predictors that are called here, and for requests to others. */
export interface PredictionTracing extends Tracing {
  /**
   * The same predictor, with a span for each call, a child of the span that is active. One that a traced handler serves need not be traced itself.
   */
  predictor<Input, Output>(predictor: Predictor<Input, Output>): Predictor<Input, Output>;
  /**
   * Gives the headers that carry a call's span to another server: `httpPredictor(digits, url, { headers: tracing.headers })`, `remote(url, { headers:
   * tracing.headers })`. It is the span of the call whose request it is, where `predictor` or a traced handler has made one, else the one that is active. Calls
   * that share one request carry the span of one of them: with `batch: { enabled: false }`, or `batching: false` for a remote backend, none do.
   */
  readonly headers: (call?: { readonly caller?: AbortLike | undefined }) => Record<string, string>;
}

/**
 * Makes spans `predict <model>` with children encode, queue, run and decode; of a request with several items, those of the one that took longest. The context
 * comes in by the request's headers, as the registered propagator reads them. Inputs and outputs are not recorded.
 *
 * @throws BackendError BACKEND_MISSING without `@opentelemetry/api`
 */
export async function createTracing(options: TracingOptions = {}): Promise<PredictionTracing> {
  const api = await loadApi();
  // The global provider may be registered later.
  const tracer = () => (options.tracerProvider ?? api.trace).getTracer("@predikt/node");
  // What waits in a queue is sent from wherever the run before it ended: the active context is that one's.
  const contexts: CallContexts = new WeakMap();
  return {
    request: traceRequests(api, tracer, contexts),
    predictor: (predictor) => tracePredictor(api, tracer, contexts, predictor),
    headers: ({ caller } = {}) => {
      const carrier: Record<string, string> = {};
      api.propagation.inject((caller && contexts.get(caller)) ?? api.context.active(), carrier);
      return carrier;
    },
  };
}
