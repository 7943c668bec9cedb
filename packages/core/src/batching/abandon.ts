import type { AbortLike } from "../types/index.ts";
import type { Job } from "./job.ts";

/** A signal for a run that fires once all of its jobs are gone; undefined where one of them cannot go. */
export function abandonment(jobs: readonly Job[]): AbortLike | undefined {
  if (!jobs.every((job) => job.cancellable)) return undefined;
  const controller = new AbortController();
  let left = jobs.length;
  for (const job of jobs) {
    job.onGone = () => {
      if (--left === 0) controller.abort();
    };
  }
  return controller.signal;
}
