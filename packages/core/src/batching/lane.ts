import type { Job } from "../predictor/job.ts";

const levels = { high: 0, normal: 1, low: 2 } as const;

/** Jobs that may share a run, first come first served within each priority. Settled jobs are dropped when they are met. */
export class Lane {
  readonly #queues: [Job[], Job[], Job[]] = [[], [], []];
  readonly #heads: [number, number, number] = [0, 0, 0];

  push(job: Job): void {
    this.#queues[levels[job.priority]].push(job);
  }

  /** The job that goes next, if any. */
  head(): Job | undefined {
    return this.#first(0) ?? this.#first(1) ?? this.#first(2);
  }

  /** Takes jobs in order until the next one would pass `maxRows`; always at least one. */
  take(maxRows: number): Job[] {
    const jobs: Job[] = [];
    let rows = 0;
    for (let level = 0; level < 3; level++) {
      for (let job = this.#first(level as 0); job !== undefined; job = this.#first(level as 0)) {
        const size = job.rows === 0 ? maxRows : job.rows;
        if (jobs.length > 0 && rows + size > maxRows) return jobs;
        jobs.push(job);
        rows += size;
        this.#advance(level as 0);
      }
    }
    return jobs;
  }

  /** Rows that wait, up to `enough`. */
  waitingRows(enough: number): number {
    let rows = 0;
    for (let level = 0; level < 3; level++) {
      const queue = this.#queues[level as 0];
      for (let i = this.#heads[level as 0]; i < queue.length && rows < enough; i++) {
        const job = queue[i] as Job;
        if (!job.done) rows += job.rows;
      }
    }
    return rows;
  }

  /** Frees the places of settled jobs. */
  compact(): void {
    for (let level = 0; level < 3; level++) {
      this.#queues[level as 0] = this.#queues[level as 0].slice(this.#heads[level as 0]).filter((job) => !job.done);
      this.#heads[level as 0] = 0;
    }
  }

  #first(level: 0 | 1 | 2): Job | undefined {
    const queue = this.#queues[level];
    while (this.#heads[level] < queue.length) {
      const job = queue[this.#heads[level]] as Job;
      if (!job.done) return job;
      this.#advance(level);
    }
    return undefined;
  }

  #advance(level: 0 | 1 | 2): void {
    const queue = this.#queues[level];
    this.#heads[level]++;
    if (this.#heads[level] === queue.length) {
      queue.length = 0;
      this.#heads[level] = 0;
    } else if (this.#heads[level] > 1024) {
      this.#queues[level] = queue.slice(this.#heads[level]);
      this.#heads[level] = 0;
    }
  }
}
