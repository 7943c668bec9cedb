import type { AbortLike } from "../types/index.ts";
import type { Job } from "./job.ts";

/** Tells a backend that every job of a run has gone, so that nobody waits for its result. */
export class Abandon implements AbortLike {
  aborted = false;
  readonly reason: unknown = undefined;
  readonly #listeners = new Set<() => void>();

  private constructor(jobs: readonly Job[]) {
    let left = jobs.length;
    const gone = (): void => {
      left--;
      if (left > 0) return;
      this.aborted = true;
      for (const listener of this.#listeners) listener();
    };
    for (const job of jobs) job.onGone = gone;
  }

  /** Undefined where some job cannot go before its result: then the run is never abandoned. */
  static of(jobs: readonly Job[]): Abandon | undefined {
    return jobs.every((job) => job.cancellable) ? new Abandon(jobs) : undefined;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.delete(listener);
  }
}
