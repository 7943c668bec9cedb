export { createMetrics, type Metrics, type MetricsOptions } from "./create-metrics.ts";
export { mergeMetrics, metricsOfAll } from "./merge-metrics.ts";
