import type { TracerProvider } from "@opentelemetry/api";
import type { Predictor } from "@predikt/core";
import type { Tracing } from "@predikt/core/serving";
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
   * Gives the headers that carry the active span to another server: `httpPredictor(digits, url, { headers: tracing.headers })`. Calls that share one request
   * carry the span of the first: with `batch: { enabled: false }` none do.
   */
  readonly headers: () => Record<string, string>;
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
  return {
    request: traceRequests(api, tracer),
    predictor: (predictor) => tracePredictor(api, tracer, predictor),
    headers: () => {
      const carrier: Record<string, string> = {};
      api.propagation.inject(api.context.active(), carrier);
      return carrier;
    },
  };
}
