import type { AbortLike } from "../types/index.ts";
import type { Job } from "./job.ts";

/** Tells a backend that every job of a run has gone, so that nobody waits for its result. */
export class Abandon implements AbortLike {
  aborted = false;
  readonly reason: unknown = undefined;
  #left: number;
  #listeners: (() => void)[] = [];

  private constructor(jobs: readonly Job[]) {
    this.#left = jobs.length;
    for (const job of jobs) job.onGone = () => this.#jobGone();
  }

  /** Undefined where some job cannot go before its result: then the run is never abandoned. */
  static of(jobs: readonly Job[]): Abandon | undefined {
    for (const job of jobs) if (!job.cancellable) return undefined;
    return new Abandon(jobs);
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners = this.#listeners.filter((other) => other !== listener);
  }

  #jobGone(): void {
    this.#left--;
    if (this.#left > 0 || this.aborted) return;
    this.aborted = true;
    for (const listener of this.#listeners) listener();
  }
}
