import { BackendError, isPrediktError, OverloadError } from "../errors/index.ts";
import type { Emitter } from "../predictor/emitter.ts";
import { concatRows, copyRows, laneKey, rowCount } from "../tensor/index.ts";
import type { BackendSession, Clock, Tensors } from "../types/index.ts";
import { Abandon } from "./abandon.ts";
import type { Job } from "./job.ts";
import { before, Lane } from "./lane.ts";
import { Parts } from "./parts.ts";

/** What a scheduler needs. */
export interface SchedulerOptions {
  readonly session: BackendSession;
  readonly clock: Clock;
  readonly events: Emitter;
  readonly queueLimit: number;
  /** Rows a run may carry; 1 where jobs never share one. */
  readonly maxBatchSize: number;
  readonly maxDelayMs: number;
  /** Whether a job whose worker died is run once more. */
  readonly retryLost: boolean;
}

/** Counters of a scheduler. */
export interface SchedulerCounts {
  queued: number;
  running: number;
  runs: number;
  rows: number;
  isolations: number;
  rejected: number;
}

/**
 * Decides which jobs share a run and when it starts. Work-conserving: while the session has a free place, a job starts at the next microtask, and at once
 * where jobs never share a run.
 * `maxDelayMs` only lets a part-filled batch wait for company while another run is under way.
 */
export class Scheduler {
  readonly counts: SchedulerCounts = { queued: 0, running: 0, runs: 0, rows: 0, isolations: 0, rejected: 0 };
  readonly #options: SchedulerOptions;
  readonly #lanes = new Map<string, Lane>();
  /** Whether all that the model takes may share a run, since only axis 0 is free. */
  readonly #oneLane: boolean;
  #scheduled = false;
  #delay: unknown;
  #meanRunMs = 1;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#oneLane = options.session.signature.inputs.every(({ shape }) => shape.slice(1).every(Number.isInteger));
  }

  /**
   * Takes a job whose feeds are set. It comes back through `job.owner.finish` or `job.fail`.
   *
   * @throws OverloadError QUEUE_FULL where `queueLimit` jobs wait already.
   */
  submit(job: Job): void {
    if (job.done) return;
    const { queueLimit, session, maxBatchSize } = this.#options;
    // Jobs of this tick that free places will take at the next microtask do not count as waiting.
    const free = Math.max(0, session.concurrency - this.counts.running) * maxBatchSize;
    if (this.counts.queued >= queueLimit + free) {
      this.counts.rejected++;
      this.#options.events.emit({ type: "job-rejected", code: "QUEUE_FULL", queued: this.counts.queued });
      const retryAfterMs = Math.ceil((this.#meanRunMs * this.counts.queued) / maxBatchSize);
      throw new OverloadError("QUEUE_FULL", `${queueLimit} jobs wait already`, { details: { queueLimit, retryAfterMs } });
    }
    if (free > 0 && this.counts.queued === 0 && maxBatchSize === 1) {
      this.counts.queued++;
      void this.#run([job], job.encodedAt);
      return;
    }
    if (maxBatchSize > 1) {
      job.rows = rowCount(job.feeds) ?? 0;
      job.alone = job.rows === 0;
      job.lane = job.alone ? "alone" : this.#oneLane ? "" : laneKey(job.feeds);
      if (job.rows > maxBatchSize) job.parts = new Parts(job);
    }
    this.#enqueue(job);
  }

  /** Looks again for work to start: the session's capacity has changed. */
  wake(): void {
    if (this.#scheduled || this.counts.queued === 0) return;
    this.#scheduled = true;
    queueMicrotask(this.#dispatch);
  }

  #enqueue(job: Job): void {
    let lane = this.#lanes.get(job.lane);
    if (lane === undefined) {
      lane = new Lane();
      this.#lanes.set(job.lane, lane);
    }
    lane.push(job);
    this.counts.queued++;
    job.onGone = this.#jobGone;
    this.wake();
  }

  readonly #jobGone = (job: Job): void => {
    this.counts.queued--;
    this.#lanes.get(job.lane)?.remove(job);
    job.parts?.cancel();
  };

  readonly #dispatch = (): void => {
    this.#scheduled = false;
    const { session, clock, maxBatchSize } = this.#options;
    while (this.counts.queued > 0 && this.counts.running < session.concurrency) {
      const now = clock.now();
      const jobs = this.#bestLane(now)?.take(maxBatchSize, now);
      if (jobs === undefined) break;
      // A listener may have taken back the last one meanwhile.
      if (jobs.length > 0) void this.#run(jobs, now);
    }
    session.pressure?.(this.counts.queued);
  };

  /** The lane whose next job has the highest priority, then the earliest arrival; lanes that may still wait for company are passed over. */
  #bestLane(now: number): Lane | undefined {
    let best: Lane | undefined;
    let bestJob: Job | undefined;
    let waitMs = Infinity;
    for (const [key, lane] of this.#lanes) {
      const job = lane.head(now);
      if (job === undefined) {
        this.#lanes.delete(key);
        continue;
      }
      const wait = this.#topUpMs(lane, job, now);
      if (wait > 0) waitMs = Math.min(waitMs, wait);
      else if (bestJob === undefined || before(job, bestJob)) [best, bestJob] = [lane, job];
    }
    if (best === undefined && waitMs !== Infinity && this.#delay === undefined) {
      this.#delay = this.#options.clock.after(waitMs, () => {
        this.#delay = undefined;
        this.wake();
      });
    }
    return best;
  }

  #topUpMs(lane: Lane, head: Job, now: number): number {
    const { maxDelayMs, maxBatchSize } = this.#options;
    if (maxDelayMs === 0 || this.counts.running === 0 || head.alone) return 0;
    return lane.rows < maxBatchSize ? head.encodedAt + maxDelayMs - now : 0;
  }

  async #run(jobs: readonly Job[], startedAt: number): Promise<void> {
    const { session, retryLost, clock, events } = this.#options;
    const { counts } = this;
    const first = jobs[0] as Job;
    const shared = jobs.length > 1;
    let rows = 0;
    let deadlineAt = 0;
    for (const job of jobs) {
      job.startedAt = startedAt;
      if (job.deadlineAt > deadlineAt) deadlineAt = job.deadlineAt;
      rows += job.rows || 1;
      counts.queued -= job.places;
    }
    const { queued, running } = counts;
    counts.running++;
    let outputs: Tensors | undefined;
    let error: unknown;
    try {
      const feeds = shared ? concatRows(jobs.map((job) => job.feeds)) : first.feeds;
      // What a job holds is its own; one that may be run again keeps it. A lane is sorted: its first job is its most urgent.
      outputs = await session.run(feeds, {
        abandoned: session.stopsAbandoned ? Abandon.of(jobs) : undefined,
        transfer: shared || !retryLost,
        priority: first.priority,
        timeoutMs: deadlineAt - startedAt,
        requestId: shared ? undefined : first.options.requestId,
        call: first.options,
      });
    } catch (thrown) {
      error = thrown;
    }
    const now = clock.now();
    const runMs = now - startedAt;
    counts.running--;
    counts.runs++;
    counts.rows += rows;
    this.#meanRunMs += (runMs - this.#meanRunMs) / 16;
    events.emit({ type: "batch-run", rows, jobs: jobs.length, queued, running, runMs, ok: !!outputs });
    for (const job of jobs) job.onGone = undefined;
    try {
      if (outputs === undefined) this.#failed(jobs, error);
      else if (shared && rowCount(outputs) !== rows) this.#isolate(jobs, "BATCH_UNSAFE");
      else this.#answer(jobs, outputs, rows, now);
    } catch (cause) {
      const fault = new BackendError("BACKEND_RUN", "outputs that are no tensors", { cause });
      for (const job of jobs) job.fail(fault);
    }
    this.wake();
  }

  #answer(jobs: readonly Job[], outputs: Tensors, rows: number, now: number): void {
    let from = 0;
    for (const job of jobs) {
      if (!job.done) {
        job.outputs = jobs.length > 1 ? copyRows(outputs, from, job.rows) : outputs;
        job.batchSize = rows;
        job.ranAt = now;
        job.owner.finish(job);
      }
      from += job.rows;
    }
  }

  #failed(jobs: readonly Job[], error: unknown): void {
    const lost = isPrediktError(error, "BACKEND_LOST");
    if (jobs.length > 1 && !lost) {
      this.#isolate(jobs, isPrediktError(error) ? error.code : "BACKEND_RUN");
      return;
    }
    for (const job of jobs) {
      if (lost && this.#options.retryLost && !job.attempts) this.#again(job);
      else job.fail(error);
    }
  }

  /** Runs the jobs of a failed batch one by one, so that the one at fault fails alone. */
  #isolate(jobs: readonly Job[], code: string): void {
    this.counts.isolations++;
    this.#options.events.emit({ type: "batch-isolated", jobs: jobs.length, code });
    for (const job of jobs) this.#again(job);
  }

  #again(job: Job): void {
    if (job.done) return;
    job.attempts++;
    job.alone = true;
    job.places = 1;
    job.lane = "alone";
    this.#enqueue(job);
  }
}
