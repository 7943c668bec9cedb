import { BackendError } from "../errors/index.ts";
import { concatRows, copyRows, laneKey, rowCount } from "../tensor/index.ts";
import type { Clock, Tensors } from "../types/index.ts";
import { Job, type JobOwner } from "./job.ts";

/**
 * The runs of a job that has more rows than one may carry. Each part is made when there is a run for it; the answers are joined in order. The first
 * part that fails fails the job, and a job that goes takes its parts with it.
 */
export class Parts implements JobOwner {
  readonly clock: Clock;
  readonly #whole: Job;
  readonly #parts: Job[] = [];
  readonly #outputs: Tensors[] = [];
  /** What the first part's outputs are, and so all must be. */
  #kind: string | undefined;
  #rows = 0;
  #left: number;

  constructor(whole: Job) {
    this.clock = whole.owner.clock;
    this.#whole = whole;
    this.#left = whole.rows;
  }

  /** Whether every row is in some part. */
  get empty(): boolean {
    return this.#rows === this.#whole.rows;
  }

  /** The next rows, at most that many; undefined where they cannot be had, which fails the job. The last ones free its place in the queue. */
  next(maxRows: number): Job | undefined {
    const whole = this.#whole;
    const rows = Math.min(maxRows, whole.rows - this.#rows);
    let feeds: Tensors;
    try {
      feeds = copyRows(whole.feeds, this.#rows, rows);
    } catch (error) {
      whole.fail(error);
      return undefined;
    }
    const part = new Job(
      this,
      { priority: whole.priority },
      this.#parts.length,
      () => {},
      (error) => whole.fail(error),
    );
    part.rows = rows;
    part.feeds = feeds;
    part.lane = whole.lane;
    part.encodedAt = whole.encodedAt;
    part.cancellable = whole.cancellable;
    part.places = 0;
    this.#parts.push(part);
    this.#rows += rows;
    if (this.empty) {
      part.places = 1;
      whole.onGone = this.cancel;
    }
    return part;
  }

  /** The job has gone: nobody waits for its parts. */
  readonly cancel = (): void => {
    for (const part of this.#parts) part.fail(undefined);
  };

  finish(part: Job): void {
    const whole = this.#whole;
    const outputs = part.outputs as Tensors;
    this.#kind ??= laneKey(outputs);
    if (rowCount(outputs) !== part.rows || laneKey(outputs) !== this.#kind) {
      part.fail(new BackendError("BACKEND_RUN", "outputs that cannot be joined"));
      return;
    }
    this.#outputs[part.work as number] = outputs;
    whole.startedAt ||= part.startedAt;
    whole.batchSize = Math.max(whole.batchSize, part.batchSize);
    this.#left -= part.rows;
    // Before the part is done: what throws here must fail it.
    if (this.#left === 0) whole.outputs = concatRows(this.#outputs);
    part.succeed(undefined);
    if (this.#left > 0 || whole.done) return;
    whole.ranAt = part.ranAt;
    whole.owner.finish(whole);
  }

  settled(): void {
    // A part's end is told by its whole.
  }
}
