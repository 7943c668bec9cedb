import type { MetricsSource } from "@predikt/core/serving";
import type { Metrics } from "./create-metrics.ts";
import { loadPromClient } from "./load-prom-client.ts";

/**
 * Writes the metrics of several processes as those of one: counters, histograms and most gauges are added up; of the event loop's lag it is the
 * largest, of a start time the earliest.
 *
 * @param parts What `metrics.collect()` gave in each process; it may have been through JSON or `structuredClone`.
 * @throws BackendError BACKEND_MISSING without prom-client
 */
export async function mergeMetrics(parts: readonly unknown[]): Promise<string> {
  const { AggregatorRegistry } = await loadPromClient();
  return AggregatorRegistry.aggregate(parts.filter((part) => Array.isArray(part)) as object[]).metrics();
}

/**
 * The metrics of a process that is one of several, as those of all: whichever of them is scraped tells the same. For `cluster()`: `start` gives
 * `collect: () => metrics.collect()`, and its handler gets `metrics: metricsOfAll(metrics, collectAll)`.
 *
 * @param collectAll Gives what each process's `collect()` gives, this one's included.
 */
export function metricsOfAll(metrics: Metrics, collectAll: () => Promise<readonly unknown[]>): MetricsSource {
  const { contentType, watch, reply } = metrics;
  return { contentType, watch, reply, render: async () => mergeMetrics(await collectAll()) };
}
