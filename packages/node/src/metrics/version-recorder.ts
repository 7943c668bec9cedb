import { outcomeOf, type PredictionOutcome, type ServedModel } from "@predikt/core/serving";
import type { Instruments } from "./instruments.ts";
import type { VersionSeries } from "./version-series.ts";

type Event = Parameters<Parameters<ServedModel["predictor"]["on"]>[1]>[0];
type Settled = Extract<Event, { type: "job-settled" }>;
type BatchRun = Extract<Event, { type: "batch-run" }>;

/** All of them begin at 0: of a series that begins at its first failure, no rate tells. */
const outcomes: readonly PredictionOutcome[] = ["succeeded", "invalid", "rejected", "aborted", "expired", "failed"];

/** Measures one version, until it is forgotten. */
export class VersionRecorder {
  readonly #model: ServedModel;
  readonly #to: Instruments;
  readonly #series: VersionSeries;
  readonly #off: () => void;
  /** How many watch it: a predictor may be served in two places. */
  watchers = 1;
  /** Whether its last numbers have been shown since it went. */
  shown = false;

  constructor(model: ServedModel, to: Instruments, series: VersionSeries) {
    this.#model = model;
    this.#to = to;
    this.#series = series;
    series.users++;
    this.#off = model.predictor.on("*", (event) => this.#hear(event));
    const { loadMs, modelBytes } = model.predictor.info;
    if (loadMs !== undefined) series.set(to.loadSeconds, loadMs / 1000);
    if (modelBytes !== undefined) series.set(to.modelBytes, modelBytes);
    for (const counter of [to.isolations, to.workersLost]) series.begin(counter);
    for (const outcome of outcomes) series.begin(to.requests, "outcome", outcome);
    series.begin(to.rejected, "reason", "QUEUE_FULL");
  }

  get predictor(): ServedModel["predictor"] {
    return this.#model.predictor;
  }

  /** Shows what runs it, which may change: another device, where one failed. */
  showInfo(): void {
    const { name: model, version } = this.#model;
    const { device, execution, backend } = this.predictor.info;
    this.#to.modelInfo.set({ model, version, device, execution, backend }, 1);
  }

  get series(): VersionSeries {
    return this.#series;
  }

  /** Predictions that have not ended. */
  get inFlight(): number {
    const { requests, succeeded, failed, aborted, expired } = this.#model.predictor.stats();
    return requests - succeeded - failed - aborted - expired;
  }

  /** Of them, those that wait for a run. */
  get queued(): number {
    return this.#model.predictor.stats().queued;
  }

  /** Hears no more, and takes back all that was measured where nobody else measures the same version. */
  forget(): void {
    this.#off();
    if (--this.#series.users === 0) this.#series.forget();
  }

  #hear(event: Event): void {
    const { isolations, rejected, cacheHits, cacheMisses, workersLost } = this.#to;
    if (event.type === "job-settled") this.#settled(event);
    else if (event.type === "batch-run") this.#ran(event);
    else if (event.type === "batch-isolated") this.#series.count(isolations);
    else if (event.type === "job-rejected") this.#series.count(rejected, "reason", event.code);
    else if (event.type === "cache-asked" && event.outcome !== "bypassed")
      this.#series.count(event.outcome === "miss" ? cacheMisses : cacheHits);
    else if (event.type === "backend-reported" && event.event.type === "worker-lost") this.#series.count(workersLost);
  }

  #settled(event: Settled): void {
    const { timings } = event;
    const { requests, duration, encode, queue, run, decode, cancelled } = this.#to;
    const outcome = outcomeOf(event);
    this.#series.count(requests, "outcome", outcome);
    this.#series.observe(duration, timings.totalMs / 1000, "outcome", outcome);
    if (outcome === "aborted") this.#series.count(cancelled, "stage", stageOf(timings));
    // Of those that ended early, the times of stages are cut off.
    if (outcome !== "succeeded") return;
    this.#series.observe(encode, timings.encodeMs / 1000);
    this.#series.observe(queue, timings.queueMs / 1000);
    this.#series.observe(run, timings.runMs / 1000);
    this.#series.observe(decode, timings.decodeMs / 1000);
  }

  #ran(event: BatchRun): void {
    this.#series.observe(this.#to.batchRows, event.rows);
    this.#series.count(this.#to.batchClosed, "reason", this.#closed(event));
  }

  /** Why no more rows joined. A part-filled batch starts beside another run only when it has waited for `maxDelayMs`. */
  #closed({ rows, queued, running }: BatchRun): "full" | "shape" | "deadline" | "idle" {
    const { maxBatchSize, maxDelayMs } = this.#model.predictor.info.batching;
    if (rows >= maxBatchSize) return "full";
    if (queued > 0) return "shape";
    return running > 0 && maxDelayMs > 0 ? "deadline" : "idle";
  }
}

/** The stage that an end cut off: the last that took any time. */
function stageOf({ queueMs, runMs, decodeMs }: Settled["timings"]): "encode" | "queue" | "run" | "decode" {
  if (decodeMs > 0) return "decode";
  if (runMs > 0) return "run";
  return queueMs > 0 ? "queue" : "encode";
}
