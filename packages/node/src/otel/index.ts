export { createTracing, type PredictionTracing, type TracingOptions } from "./create-tracing.ts";
