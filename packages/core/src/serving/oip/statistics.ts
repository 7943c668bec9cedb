import type { AnyPredictor, ModelResolver, PredictorEvent } from "../../types/index.ts";

/** How often something happened, and how long that took in all, in nanoseconds. */
export interface StatisticDuration {
  readonly count: number;
  readonly ns: number;
}

/** How runs of one size went. */
export interface BatchStatistics {
  readonly batch_size: number;
  readonly compute_input: StatisticDuration;
  readonly compute_infer: StatisticDuration;
  readonly compute_output: StatisticDuration;
}

/** One version's statistics since it was first served, in Triton's form. Warm-up does not count. */
export interface ModelStatistics {
  readonly name: string;
  readonly version: string;
  /** When it last ran, in milliseconds since 1970; 0 for never. */
  readonly last_inference: number;
  /** Rows that were run. */
  readonly inference_count: number;
  /** Runs; rows over runs is the mean batch. */
  readonly execution_count: number;
  /** By request. `compute_input` is encoding, `compute_output` decoding. There is no cache in front of them that would be counted here. */
  readonly inference_stats: Readonly<
    Record<
      "success" | "fail" | "queue" | "compute_input" | "compute_infer" | "compute_output" | "cache_hit" | "cache_miss",
      StatisticDuration
    >
  >;
  /** Replies in several parts, which no model here gives. */
  readonly response_stats: Readonly<Record<string, never>>;
  /** By the rows of a run, fewest first. Joining and cutting apart are not timed. */
  readonly batch_stats: readonly BatchStatistics[];
  readonly memory_usage: readonly never[];
}

/** Counts what the predictors of a resolver do. */
export interface Statistics {
  /** What a predictor has done since it was first served. */
  of(predictor: AnyPredictor): ModelStatistics;
  /** Hears of no more predictors. */
  close(): void;
}

/** One for each predictor, however many handlers serve it: they tell the same, and one that nobody closes costs nothing more. */
const counters = new WeakMap<AnyPredictor, Counter>();

/** Starts counting, now and for every predictor that comes later. */
export function createStatistics(resolver: ModelResolver): Statistics {
  const watch = (): void => {
    for (const { predictor } of resolver.list()) if (!counters.has(predictor)) counters.set(predictor, new Counter(predictor));
  };
  watch();
  const unwatch = resolver.onChange?.(watch);
  return {
    of(predictor) {
      watch();
      return (counters.get(predictor) as Counter).tell(predictor);
    },
    close: () => unwatch?.(),
  };
}

class Duration {
  count = 0;
  ms = 0;

  add(ms: number): void {
    this.count++;
    this.ms += ms;
  }

  tell(): StatisticDuration {
    return { count: this.count, ns: Math.round(this.ms * 1e6) };
  }
}

class Counter {
  readonly #requests = {
    success: new Duration(),
    fail: new Duration(),
    queue: new Duration(),
    compute_input: new Duration(),
    compute_infer: new Duration(),
    compute_output: new Duration(),
  };
  readonly #batches = new Map<number, Duration>();
  #lastRunAt = 0;

  constructor(predictor: AnyPredictor) {
    // A predictor of somebody else's may have no events.
    predictor.on?.("job-settled", (event) => this.#settled(event));
    predictor.on?.("batch-run", (event) => this.#ran(event));
  }

  tell(predictor: AnyPredictor): ModelStatistics {
    const { name, version } = predictor.info;
    const none = { count: 0, ns: 0 };
    const sizes = [...this.#batches].sort(([a], [b]) => a - b);
    const { success, fail, queue, compute_input, compute_infer, compute_output } = this.#requests;
    return {
      name,
      version,
      last_inference: this.#lastRunAt,
      inference_count: sizes.reduce((sum, [size, { count }]) => sum + size * count, 0),
      execution_count: sizes.reduce((sum, [, { count }]) => sum + count, 0),
      inference_stats: {
        success: success.tell(),
        fail: fail.tell(),
        queue: queue.tell(),
        compute_input: compute_input.tell(),
        compute_infer: compute_infer.tell(),
        compute_output: compute_output.tell(),
        cache_hit: none,
        cache_miss: none,
      },
      response_stats: {},
      batch_stats: sizes.map(([batch_size, runs]) => ({
        batch_size,
        compute_input: { count: runs.count, ns: 0 },
        compute_infer: runs.tell(),
        compute_output: { count: runs.count, ns: 0 },
      })),
      memory_usage: [],
    };
  }

  #settled({ outcome, timings }: Extract<PredictorEvent, { type: "job-settled" }>): void {
    const { success, fail, queue, compute_input, compute_infer, compute_output } = this.#requests;
    if (outcome !== "succeeded") {
      fail.add(timings.totalMs);
      return;
    }
    success.add(timings.totalMs);
    queue.add(timings.queueMs);
    compute_input.add(timings.encodeMs);
    compute_infer.add(timings.runMs);
    compute_output.add(timings.decodeMs);
  }

  #ran({ rows, runMs, ok }: Extract<PredictorEvent, { type: "batch-run" }>): void {
    if (!ok) return;
    this.#lastRunAt = Date.now();
    let runs = this.#batches.get(rows);
    if (runs === undefined) {
      runs = new Duration();
      this.#batches.set(rows, runs);
    }
    runs.add(runMs);
  }
}
