import type { Job } from "../batching/job.ts";
import type { BatchLimits } from "./options.ts";
import { joinKey, workOf } from "./work.ts";

/** Collects the jobs of one tick and hands over those that may travel together. */
export class Joiner {
  readonly #limits: BatchLimits;
  readonly #dispatch: (jobs: readonly Job[]) => void;
  #waiting: Job[] = [];

  constructor(limits: BatchLimits, dispatch: (jobs: readonly Job[]) => void) {
    this.#limits = limits;
    this.#dispatch = dispatch;
  }

  /** Jobs that have not been handed over yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  add(job: Job): void {
    if (!this.#limits.enabled) {
      this.#dispatch([job]);
      return;
    }
    if (this.#waiting.push(job) === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const groups = new Map<string, Job[]>();
    for (const job of this.#waiting.splice(0)) {
      const key = joinKey(job);
      const group = groups.get(key);
      if (key === "") this.#dispatch([job]);
      else if (group === undefined) groups.set(key, [job]);
      else group.push(job);
    }
    for (const group of groups.values()) this.#split(group);
  }

  #split(group: readonly Job[]): void {
    let part: Job[] = [];
    let chars = 0;
    for (const job of group) {
      const { length } = workOf(job).body as string;
      if (part.length > 0 && (part.length >= this.#limits.maxItems || chars + length > this.#limits.maxChars)) {
        this.#dispatch(part);
        part = [];
        chars = 0;
      }
      part.push(job);
      chars += length;
    }
    this.#dispatch(part);
  }
}
