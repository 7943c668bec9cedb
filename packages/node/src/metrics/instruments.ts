import type { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { PromClient } from "./load-prom-client.ts";

/** The labels that tell versions apart. */
export const versionLabels = ["model", "version"] as const;
type Version = (typeof versionLabels)[number];

/** Everything that is measured of models and requests. */
export interface Instruments {
  /** The first to be collected: it brings the others up to date. */
  readonly inFlight: Gauge<Version>;
  readonly requests: Counter<Version | "outcome">;
  readonly duration: Histogram<Version | "outcome">;
  readonly queue: Histogram<Version>;
  readonly encode: Histogram<Version>;
  readonly run: Histogram<Version>;
  readonly decode: Histogram<Version>;
  readonly batchRows: Histogram<Version>;
  readonly batchClosed: Counter<Version | "reason">;
  readonly isolations: Counter<Version>;
  readonly queueDepth: Gauge<Version>;
  readonly rejected: Counter<Version | "reason">;
  readonly cancelled: Counter<Version | "stage">;
  readonly cacheHits: Counter<Version>;
  readonly cacheMisses: Counter<Version>;
  readonly workersLost: Counter<Version>;
  readonly loadSeconds: Gauge<Version>;
  readonly modelBytes: Gauge<Version>;
  readonly modelInfo: Gauge<Version | "device" | "execution" | "backend">;
  readonly modelLabel: Gauge<Version | "label">;
  readonly modelState: Gauge<Version | "state">;
  readonly loadFailed: Gauge<Version>;
  readonly trafficWeight: Gauge<Version>;
  readonly shadowCompared: Gauge<Version>;
  readonly shadowDropped: Gauge<Version>;
  readonly shadowAgreement: Gauge<Version>;
  readonly httpRequests: Counter<"route" | "status">;
  readonly httpDuration: Histogram<"route">;
  readonly httpRejected: Counter<"reason">;
}

/** Seconds from half a millisecond to ten seconds. */
const seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const rows = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/** Makes them in a registry. `collect` is called before any of them is read. */
export function createInstruments(
  { Counter, Gauge, Histogram }: PromClient,
  registry: Registry,
  { prefix, buckets = seconds }: { readonly prefix: string; readonly buckets?: readonly number[] | undefined },
  collect: () => void,
): Instruments {
  const common = { registers: [registry] };
  const gauge = <L extends string>(name: string, help: string, own: readonly L[], aggregator: "sum" | "max" | "average" = "sum") =>
    new Gauge<Version | L>({ ...common, name: prefix + name, help, labelNames: [...versionLabels, ...own], aggregator });
  const counter = <L extends string>(name: string, help: string, own: readonly L[] = []) =>
    new Counter<Version | L>({ ...common, name: prefix + name, help, labelNames: [...versionLabels, ...own] });
  const histogram = <L extends string>(name: string, help: string, own: readonly L[] = [], bounds = buckets) =>
    new Histogram<Version | L>({ ...common, name: prefix + name, help, labelNames: [...versionLabels, ...own], buckets: [...bounds] });

  return {
    inFlight: new Gauge({ ...common, name: `${prefix}inflight`, help: "Predictions under way.", labelNames: [...versionLabels], collect }),
    requests: counter("requests_total", "Predictions by how they ended: succeeded, invalid, rejected, aborted, expired or failed.", [
      "outcome",
    ]),
    duration: histogram("request_duration_seconds", "Predictions from the call until they ended.", ["outcome"]),
    queue: histogram("queue_duration_seconds", "Waiting from being encoded until the run began."),
    encode: histogram("encode_duration_seconds", "Validating and encoding an input."),
    run: histogram("run_duration_seconds", "The run that answered, of its whole batch."),
    decode: histogram("decode_duration_seconds", "Decoding and validating an output."),
    batchRows: histogram("batch_rows", "Rows that ran together.", [], rows),
    batchClosed: counter("batch_close_reason_total", "Runs by why no more rows joined: full, idle, deadline or shape.", ["reason"]),
    isolations: counter("batch_isolations_total", "Batches that failed and were run again one by one."),
    queueDepth: gauge("queue_depth", "Predictions that wait for a run.", []),
    rejected: counter("rejected_total", "Predictions that were not taken, by error code.", ["reason"]),
    cancelled: counter("cancelled_total", "Predictions that their caller gave up, by where they were: encode, queue, run or decode.", [
      "stage",
    ]),
    cacheHits: counter("cache_hits_total", "Predictions that a cache answered."),
    cacheMisses: counter("cache_misses_total", "Predictions that a cache could not answer."),
    workersLost: counter("workers_lost_total", "Workers and child processes that died."),
    loadSeconds: gauge("model_load_seconds", "How long loading and warming up took.", [], "max"),
    modelBytes: gauge("model_bytes", "Size of the model's file.", [], "max"),
    modelInfo: gauge("model_info", "1 for each version that is open, with what runs it.", ["device", "execution", "backend"], "max"),
    modelLabel: gauge("model_label", "1 for each label that points at a version.", ["label"], "max"),
    modelState: gauge(
      "model_state",
      "1 for the state that a version is in: ready, loading, unloading, unavailable or unknown.",
      ["state"],
      "max",
    ),
    loadFailed: gauge("model_load_failed", "1 for each version whose last load failed.", [], "max"),
    trafficWeight: gauge("traffic_weight_ratio", "Part of the requests that a version is to get.", [], "average"),
    shadowCompared: gauge("shadow_compared", "Answers of a shadow that were compared since it was set.", []),
    shadowDropped: gauge("shadow_dropped", "Requests that a shadow did not see since it was set.", []),
    shadowAgreement: gauge("shadow_agreement_ratio", "Part of a shadow's answers that agree.", [], "average"),
    httpRequests: new Counter({
      ...common,
      name: `${prefix}http_requests_total`,
      help: "HTTP requests by route and status; 499 where the client went away.",
      labelNames: ["route", "status"],
    }),
    httpDuration: new Histogram({
      ...common,
      name: `${prefix}http_request_duration_seconds`,
      help: "HTTP requests until their reply was ready.",
      labelNames: ["route"],
      buckets: [...buckets],
    }),
    httpRejected: new Counter({
      ...common,
      name: `${prefix}http_rejected_total`,
      help: "HTTP requests that came to no model, by error code: access, rate limits, draining.",
      labelNames: ["reason"],
    }),
  };
}
