import type { Tracer } from "@opentelemetry/api";
import { isPrediktError, type PredictOptions, type Predictor, type PredictorEvent } from "@predikt/core";
import type { CallContexts } from "./call-contexts.ts";
import type { OtelApi } from "./load-api.ts";
import { OwnSignal } from "./own-signal.ts";
import { SpanClock } from "./span-clock.ts";
import { addStages, type SettledJob } from "./stage-spans.ts";

const calls = ["predict", "predictMany", "predictDetailed", "predictEncoded", "run"] as const;
type Call = (input: unknown, options: PredictOptions) => Promise<unknown>;
type Listener = (event: PredictorEvent) => void;

/** The same predictor, with a span for each call, a child of the span that is active where the call is made. */
export function tracePredictor<Input, Output>(
  api: OtelApi,
  tracer: () => Tracer,
  contexts: CallContexts,
  predictor: Predictor<Input, Output>,
): Predictor<Input, Output> {
  const { context, trace, SpanKind, SpanStatusCode } = api;
  const settled = new WeakMap<OwnSignal, SettledJob & { readonly batchSize: number }>();
  predictor.on("job-settled", ({ signal, timings, batchSize }) => {
    if (!(signal instanceof OwnSignal)) return;
    const before = settled.get(signal);
    if (before === undefined || before.timings.totalMs < timings.totalMs)
      settled.set(signal, { timings, batchSize, settledAt: performance.now() });
  });

  async function traced(call: Call, input: unknown, options: PredictOptions = {}): Promise<unknown> {
    const { name, version, device } = predictor.info;
    const active = context.active();
    const clock = new SpanClock();
    const kind = device === "remote" ? SpanKind.CLIENT : SpanKind.INTERNAL;
    const attributes = { "ml.model.name": name, "ml.model.version": version, "ml.device": device };
    const span = tracer().startSpan(`predict ${name}`, { kind, attributes, startTime: clock.startMs }, active);
    const within = trace.setSpan(active, span);
    const signal = new OwnSignal(options.signal);
    contexts.set(signal, within);
    try {
      return await context.with(within, () => call.call(predictor, input, { ...options, signal }));
    } catch (error) {
      const type = isPrediktError(error) ? error.code : signal.aborted ? "aborted" : "unknown";
      span.setAttribute("error.type", type);
      if (!signal.aborted) span.setStatus({ code: SpanStatusCode.ERROR, message: type });
      throw error;
    } finally {
      const job = settled.get(signal);
      if (job !== undefined) {
        span.setAttribute("ml.batch.size", job.batchSize);
        addStages(tracer(), within, clock, job);
      }
      span.end(clock.wall());
    }
  }

  /** Listeners know jobs by the signals that callers gave. */
  const on = (type: "*", listener: Listener): (() => void) =>
    predictor.on(type, (event) => {
      const own = event.type === "job-settled" && event.signal instanceof OwnSignal;
      listener(own ? { ...event, signal: (event.signal as OwnSignal).given } : event);
    });

  return new Proxy(predictor, {
    get(target, key) {
      if (key === "on") return on;
      const value: unknown = Reflect.get(target, key, target);
      if (calls.includes(key as never)) return (input: unknown, options?: PredictOptions) => traced(value as Call, input, options);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
