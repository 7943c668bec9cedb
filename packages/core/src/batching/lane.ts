import type { Job } from "../predictor/job.ts";

/** Priorities in the order in which they are served. */
export const levels: { readonly high: 0; readonly normal: 1; readonly low: 2 } = { high: 0, normal: 1, low: 2 };

/** Jobs in order of arrival. `head` is the first that has not been taken. */
interface Queue {
  jobs: Job[];
  head: number;
}

/** Jobs that may share a run, first come first served within each priority. Settled jobs are dropped when they are met. */
export class Lane {
  readonly #queues: readonly Queue[] = [0, 1, 2].map(() => ({ jobs: [], head: 0 }));

  push(job: Job): void {
    this.#queues[levels[job.priority]]?.jobs.push(job);
  }

  /** The job that goes next, if any. */
  head(): Job | undefined {
    for (const queue of this.#queues) {
      const job = first(queue);
      if (job !== undefined) return job;
    }
    return undefined;
  }

  /** Takes jobs in order until the next one would pass `maxRows`; always at least one. */
  take(maxRows: number): Job[] {
    const jobs: Job[] = [];
    let rows = 0;
    for (const queue of this.#queues) {
      for (let job = first(queue); job !== undefined; job = first(queue)) {
        const size = job.rows === 0 ? maxRows : job.rows;
        if (jobs.length > 0 && rows + size > maxRows) return jobs;
        jobs.push(job);
        rows += size;
        advance(queue);
      }
    }
    return jobs;
  }

  /** Rows that wait, up to `enough`. */
  waitingRows(enough: number): number {
    let rows = 0;
    for (const { jobs, head } of this.#queues) {
      for (let i = head; i < jobs.length && rows < enough; i++) {
        const job = jobs[i] as Job;
        if (!job.done) rows += job.rows;
      }
    }
    return rows;
  }

  /** Frees the places of settled jobs. */
  compact(): void {
    for (const queue of this.#queues) {
      queue.jobs = queue.jobs.slice(queue.head).filter((job) => !job.done);
      queue.head = 0;
    }
  }
}

function first(queue: Queue): Job | undefined {
  while (queue.head < queue.jobs.length) {
    const job = queue.jobs[queue.head] as Job;
    if (!job.done) return job;
    advance(queue);
  }
  return undefined;
}

function advance(queue: Queue): void {
  queue.head++;
  if (queue.head === queue.jobs.length || queue.head > 1024) {
    queue.jobs = queue.jobs.slice(queue.head);
    queue.head = 0;
  }
}
