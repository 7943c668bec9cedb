import type { Attributes, Tracer } from "@opentelemetry/api";
import type { Tracing } from "@predikt/core/serving";
import type { CallContexts } from "./call-contexts.ts";
import type { OtelApi } from "./load-api.ts";
import { SpanClock } from "./span-clock.ts";
import { addStages } from "./stage-spans.ts";

/**
 * Traces the predictions of a handler. Where the framework's own instrumentation has begun a span, theirs is a child of it; else the request's headers
 * say whose child it is.
 */
export function traceRequests(api: OtelApi, tracer: () => Tracer, contexts: CallContexts): Tracing["request"] {
  const { context, propagation, trace, SpanKind, SpanStatusCode } = api;
  return ({ method, header, signal, requestId, route, operation, model }) => {
    if (operation !== "predict") return undefined;
    const active = context.active();
    const isEntry = trace.getSpan(active) === undefined;
    const parent = isEntry
      ? propagation.extract(active, header, { keys: () => [], get: (read, name) => read(name.toLowerCase()) })
      : active;
    const clock = new SpanClock();
    const isRpc = route?.startsWith("grpc-") === true;
    const attributes: Attributes = {
      ...(isRpc ? { "rpc.system": "grpc" } : { "http.request.method": method }),
      "predikt.request.id": requestId,
    };
    const kind = isEntry ? SpanKind.SERVER : SpanKind.INTERNAL;
    const span = tracer().startSpan("predict", { kind, attributes, startTime: clock.startMs }, parent);
    const within = trace.setSpan(parent, span);
    contexts.set(signal, within);
    return {
      run: (work) => context.with(within, work),
      end({ status, code, jobs }) {
        if (!isRpc) span.setAttribute("http.response.status_code", status);
        // What no model has had is the client's word: no span is called by it.
        span.updateName(`predict ${jobs?.model ?? (code === "MODEL_NOT_FOUND" ? "" : (model ?? ""))}`.trimEnd());
        if (code !== undefined) span.setAttribute("error.type", code);
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR, message: code ?? "" });
        if (jobs !== undefined) {
          span.setAttributes({
            "ml.model.name": jobs.model,
            "ml.model.version": jobs.version,
            "ml.device": jobs.device,
            "ml.batch.size": jobs.batchSize,
            "predikt.items": jobs.count,
          });
          addStages(tracer(), within, clock, jobs);
        }
        span.end(clock.wall());
      },
    };
  };
}
