/** Calls that are remembered. */
export const windowSize = 4096;

/** What became of a call that says nothing of its time. */
export const failed = -1;
export const untimed = -2;

/** What a window's calls are measured against. */
export interface WindowLimits {
  /** How far back calls count, in milliseconds. */
  readonly windowMs: number;
  /** A call that took longer is slow. */
  readonly slowMs: number;
}

/** The last calls of a version: totals, percentiles, and how many of the recent ones failed or were slow, each in constant time per call. */
export class CallWindow {
  requests = 0;
  errors = 0;
  readonly #limits: WindowLimits;
  readonly #at = new Float64Array(windowSize);
  readonly #took = new Float64Array(windowSize);
  /** The oldest call that counts as recent. */
  #from = 0;
  #failed = 0;
  #slow = 0;
  #timed = 0;

  constructor(limits: WindowLimits) {
    this.#limits = limits;
  }

  /** @param took Milliseconds, or {@link failed}, or {@link untimed}. */
  add(now: number, took: number): void {
    if (this.requests - this.#from === windowSize) this.#forget();
    const at = this.requests % windowSize;
    this.#at[at] = now;
    this.#took[at] = took;
    this.#count(took, 1);
    this.requests++;
    if (took === failed) this.errors++;
    while (this.#from < this.requests && (this.#at[this.#from % windowSize] as number) < now - this.#limits.windowMs) this.#forget();
  }

  /** Recent calls. */
  get recent(): number {
    return this.requests - this.#from;
  }

  /** Share of recent calls that failed. */
  get errorRate(): number {
    return this.recent === 0 ? 0 : this.#failed / this.recent;
  }

  /** Whether the 95th percentile of the recent calls' times is past the limit: without sorting, since more than 1 in 20 are then. */
  get isSlow(): boolean {
    return this.#slow > this.#timed - rank(0.95, this.#timed);
  }

  /** A percentile of the recent calls' times, or of all that are remembered, by nearest rank. */
  percentile(share: number, recentOnly = false): number | undefined {
    const first = recentOnly ? this.#from : Math.max(0, this.requests - windowSize);
    const times: number[] = [];
    for (let i = first; i < this.requests; i++) {
      const took = this.#took[i % windowSize] as number;
      if (took >= 0) times.push(took);
    }
    return percentile(times, share);
  }

  #forget(): void {
    this.#count(this.#took[this.#from % windowSize] as number, -1);
    this.#from++;
  }

  #count(took: number, by: number): void {
    if (took === failed) this.#failed += by;
    if (took < 0) return;
    this.#timed += by;
    if (took > this.#limits.slowMs) this.#slow += by;
  }
}

/** A percentile by nearest rank; undefined of nothing. Sorts the list. */
export function percentile(values: number[], share: number): number | undefined {
  values.sort((a, b) => a - b);
  return values[rank(share, values.length) - 1];
}

function rank(share: number, count: number): number {
  return Math.ceil(share * count);
}
