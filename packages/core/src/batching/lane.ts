import type { Priority } from "../types/index.ts";
import type { Job } from "./job.ts";

/** Priorities in the order in which they are served. */
const levels = { high: 0, normal: 1, low: 2 };

/** Whether a value names a priority. */
export function isPriority(value: unknown): value is Priority {
  return Object.hasOwn(levels, value as Priority);
}

/** Whether a job goes before another: by priority, then by arrival. */
export function before(a: Job, b: Job): boolean {
  const difference = levels[a.priority] - levels[b.priority];
  return difference === 0 ? a.encodedAt < b.encodedAt : difference < 0;
}

/** Jobs that may share a run, in the order in which they go. */
export class Lane {
  readonly #jobs: Job[] = [];

  push(job: Job): void {
    let at = this.#jobs.length;
    while (at > 0 && before(job, this.#jobs[at - 1] as Job)) at--;
    // The common case by itself: splice makes an array for what it takes out.
    if (at === this.#jobs.length) this.#jobs.push(job);
    else this.#jobs.splice(at, 0, job);
  }

  remove(job: Job): void {
    this.#jobs.splice(this.#jobs.indexOf(job), 1);
  }

  /** The job that goes next, if any. */
  head(now: number): Job | undefined {
    let job = this.#jobs[0];
    while (job !== undefined && now >= job.deadlineAt) {
      // Its timer has not had its turn yet. Expired, it is removed.
      job.expire();
      job = this.#jobs[0];
    }
    return job;
  }

  /** Takes jobs in order until the next one would pass `maxRows`; always at least one. Of a job that has more rows, it takes a part. */
  take(maxRows: number, now: number): Job[] {
    const jobs: Job[] = [];
    let left = maxRows;
    for (let job = this.head(now); job !== undefined && left > 0; job = this.head(now)) {
      const { parts } = job;
      if (parts !== undefined) job = parts.next(left);
      if (job === undefined) continue;
      const rows = job.alone || job.rows === 0 ? maxRows : job.rows;
      if (jobs.length > 0 && rows > left) break;
      if (parts?.empty !== false) this.#jobs.shift();
      // It waits no more. (Of a job in parts, that is told by its last.)
      job.onGone = undefined;
      jobs.push(job);
      left -= rows;
    }
    return jobs;
  }

  /** Rows that wait. */
  get rows(): number {
    return this.#jobs.reduce((sum, job) => sum + job.rows, 0);
  }
}
