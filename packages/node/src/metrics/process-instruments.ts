import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Registry } from "prom-client";
import type { PromClient } from "./load-prom-client.ts";

/** Nanoseconds of a second, as the histogram of delays has them. */
const nano = 1e9;
/** The histogram samples with a timer: what is above this is lag. */
const resolutionMs = 10;

/**
 * Measures the process: how late the event loop runs, and its memory and processor time, under the names that Prometheus's own clients use. What the
 * registry has already is left as it is.
 *
 * @returns the function that stops the measuring.
 */
export function createProcessInstruments({ Gauge, Counter }: PromClient, registry: Registry, prefix: string): () => void {
  const common = { registers: [registry] };
  const isNew = (name: string): boolean => registry.getSingleMetric(name) === undefined;
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();

  const lag = `${prefix}event_loop_lag_seconds`;
  if (isNew(lag)) {
    new Gauge({
      ...common,
      name: lag,
      help: "How late the event loop came to its timers since the last scrape.",
      labelNames: ["stat"],
      aggregator: "max",
      collect() {
        const late = (ns: number): number => Math.max(0, Number.isFinite(ns) ? ns / nano - resolutionMs / 1000 : 0);
        this.set({ stat: "p50" }, late(delay.percentile(50)));
        this.set({ stat: "p99" }, late(delay.percentile(99)));
        this.set({ stat: "max" }, late(delay.max));
        delay.reset();
      },
    });
  }
  const bytes: readonly (readonly [name: string, help: string, read: (usage: NodeJS.MemoryUsage) => number])[] = [
    ["process_resident_memory_bytes", "Resident memory.", ({ rss }) => rss],
    ["nodejs_heap_size_used_bytes", "JavaScript heap in use.", ({ heapUsed }) => heapUsed],
    [
      "nodejs_external_memory_bytes",
      "Memory outside of the heap that JavaScript objects hold, buffers included.",
      ({ external }) => external,
    ],
  ];
  for (const [name, help, read] of bytes) {
    if (!isNew(name)) continue;
    new Gauge({
      ...common,
      name,
      help,
      collect() {
        this.set(read(process.memoryUsage()));
      },
    });
  }
  if (isNew("process_cpu_seconds_total")) {
    let before = 0;
    new Counter({
      ...common,
      name: "process_cpu_seconds_total",
      help: "Processor time, user and system.",
      collect() {
        const { user, system } = process.cpuUsage();
        this.inc((user + system) / 1e6 - before);
        before = (user + system) / 1e6;
      },
    });
  }
  if (isNew("process_start_time_seconds"))
    new Gauge({
      ...common,
      name: "process_start_time_seconds",
      help: "When the process started, in seconds since 1970.",
      aggregator: "min",
    }).set(performance.timeOrigin / 1000);
  return () => delay.disable();
}
