import { isPrediktError, OverloadError } from "../errors/index.ts";
import type { Clock } from "../predictor/clock.ts";
import type { Emitter } from "../predictor/emitter.ts";
import type { Job } from "../predictor/job.ts";
import { concatRows, copyRows, laneKey, rowCount } from "../tensor/index.ts";
import type { BackendSession, Tensors } from "../types/index.ts";
import { Abandon } from "./abandon.ts";
import { Lane, levels } from "./lane.ts";
import { submitInParts } from "./oversize.ts";

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
 * Decides which jobs share a run and when it starts. Work-conserving: while the session has a free place, a job starts at the next microtask.
 * `maxDelayMs` only lets a part-filled batch wait for company while another run is under way.
 */
export class Scheduler {
  readonly counts: SchedulerCounts = { queued: 0, running: 0, runs: 0, rows: 0, isolations: 0, rejected: 0 };
  readonly #options: SchedulerOptions;
  readonly #batching: boolean;
  readonly #lanes = new Map<string, Lane>();
  /** Jobs to run alone, before all others: those of a failed batch. */
  #alone: Job[] = [];
  #gone = 0;
  #scheduled = false;
  /** Whether the session was told last that jobs wait. */
  #pressed = false;
  #delay: unknown;
  #meanRunMs = 1;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#batching = options.maxBatchSize > 1;
  }

  /**
   * Takes a job whose feeds are set. It comes back through `job.owner.finish` or `job.fail`.
   *
   * @throws OverloadError QUEUE_FULL where `queueLimit` jobs wait already.
   */
  submit(job: Job): void {
    if (job.done) return;
    if (this.#batching) {
      job.rows = rowCount(job.feeds) ?? 0;
      if (job.rows > this.#options.maxBatchSize) {
        submitInParts(job, this.#options.maxBatchSize, (part) => this.#enqueue(part));
        return;
      }
      job.lane = job.rows === 0 ? "alone" : laneKey(job.feeds);
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
    const { queueLimit, session, maxBatchSize } = this.#options;
    // Jobs of this tick that free places will take at the next microtask do not count as waiting.
    const free = Math.max(0, session.concurrency - this.counts.running) * maxBatchSize;
    if (this.counts.queued >= queueLimit + free) {
      this.counts.rejected++;
      this.#options.events.emit({ type: "job-rejected", code: "QUEUE_FULL", queued: this.counts.queued });
      const retryAfterMs = Math.ceil((this.#meanRunMs * this.counts.queued) / maxBatchSize);
      throw new OverloadError("QUEUE_FULL", `${queueLimit} jobs wait already`, { details: { queueLimit, retryAfterMs } });
    }
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

  readonly #jobGone = (): void => {
    this.counts.queued--;
    this.#gone++;
    if (this.#gone > 64 && this.#gone > this.counts.queued) {
      this.#gone = 0;
      for (const lane of this.#lanes.values()) lane.compact();
      this.#alone = this.#alone.filter((job) => !job.done);
    }
  };

  readonly #dispatch = (): void => {
    this.#scheduled = false;
    const { session } = this.#options;
    while (this.counts.queued > 0 && this.counts.running < session.concurrency) {
      const jobs = this.#next();
      if (jobs === undefined) break;
      this.#start(jobs);
    }
    const waiting = this.counts.queued;
    if (waiting > 0 || this.#pressed) session.pressure?.(waiting);
    this.#pressed = waiting > 0;
  };

  #next(): Job[] | undefined {
    for (let job = this.#alone.shift(); job !== undefined; job = this.#alone.shift()) {
      if (!job.done) return [job];
    }
    const lane = this.#bestLane();
    return lane?.take(this.#options.maxBatchSize);
  }

  /** The lane whose next job has the highest priority, then the earliest arrival; lanes that may still wait for company are passed over. */
  #bestLane(): Lane | undefined {
    let best: Lane | undefined;
    let bestJob: Job | undefined;
    let waitMs = Infinity;
    for (const [key, lane] of this.#lanes) {
      const job = lane.head();
      if (job === undefined) {
        this.#lanes.delete(key);
        continue;
      }
      const wait = this.#topUpMs(lane, job);
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

  #topUpMs(lane: Lane, head: Job): number {
    const { maxDelayMs, maxBatchSize, clock } = this.#options;
    if (maxDelayMs === 0 || this.counts.running === 0) return 0;
    const left = head.encodedAt + maxDelayMs - clock.now();
    return left > 0 && lane.waitingRows(maxBatchSize) < maxBatchSize ? left : 0;
  }

  #start(jobs: readonly Job[]): void {
    const { session, clock, retryLost } = this.#options;
    const now = clock.now();
    const first = jobs[0] as Job;
    let rows = 0;
    for (const job of jobs) {
      job.startedAt = now;
      job.onGone = undefined;
      rows += job.rows || 1;
    }
    this.counts.queued -= jobs.length;
    this.counts.running++;
    const shared = jobs.length > 1;
    const abandoned = session.stopsAbandoned ? Abandon.of(jobs) : undefined;
    let run: Promise<Tensors>;
    try {
      const feeds = shared ? concatRows(jobs.map((job) => job.feeds)) : first.feeds;
      // A job that may be run again keeps its source.
      const transfer = shared || (first.options.transfer === true && !retryLost);
      run = session.run(feeds, abandoned === undefined && !transfer ? undefined : { abandoned, transfer });
    } catch (error) {
      run = Promise.reject(error);
    }
    run.then(
      (outputs) => this.#ended(jobs, rows, outputs, undefined),
      (error: unknown) => this.#ended(jobs, rows, undefined, error),
    );
  }

  #ended(jobs: readonly Job[], rows: number, outputs: Tensors | undefined, error: unknown): void {
    const { clock, events } = this.#options;
    const now = clock.now();
    const runMs = now - (jobs[0] as Job).startedAt;
    this.counts.running--;
    this.counts.runs++;
    this.counts.rows += rows;
    this.#meanRunMs += (runMs - this.#meanRunMs) / 16;
    if (events.hears("batch-run")) events.emit({ type: "batch-run", rows, jobs: jobs.length, runMs, ok: outputs !== undefined });
    for (const job of jobs) job.onGone = undefined;
    if (outputs === undefined) this.#failed(jobs, error);
    else if (jobs.length === 1) this.#answer(jobs[0] as Job, outputs, rows, now);
    else if (rowCount(outputs) === rows) this.#answerAll(jobs, outputs, rows, now);
    else this.#isolate(jobs, "BATCH_UNSAFE");
    this.wake();
  }

  #answerAll(jobs: readonly Job[], outputs: Tensors, rows: number, now: number): void {
    let from = 0;
    for (const job of jobs) {
      if (!job.done) this.#answer(job, copyRows(outputs, from, job.rows), rows, now);
      from += job.rows;
    }
  }

  #answer(job: Job, outputs: Tensors, rows: number, now: number): void {
    if (job.done) return;
    job.outputs = outputs;
    job.batchSize = rows;
    job.ranAt = now;
    job.owner.finish(job);
  }

  #failed(jobs: readonly Job[], error: unknown): void {
    const code = isPrediktError(error) ? error.code : "BACKEND_RUN";
    const lost = code === "BACKEND_LOST";
    if (jobs.length > 1 && !lost) {
      this.#isolate(jobs, code);
      return;
    }
    for (const job of jobs) {
      if (lost && this.#options.retryLost && job.attempts === 0) this.#again(job);
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
    job.onGone = this.#jobGone;
    this.counts.queued++;
    this.#alone.push(job);
  }
}

function before(a: Job, b: Job): boolean {
  const difference = levels[a.priority] - levels[b.priority];
  return difference === 0 ? a.encodedAt < b.encodedAt : difference < 0;
}
