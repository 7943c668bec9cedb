/** Tells times of `performance.now()` as those of the wall clock, all from one look at both, so that the spans of a call lie within one another. */
export class SpanClock {
  readonly startMs: number = Date.now();
  readonly #startedAt = performance.now();

  /** @param at A time by `performance.now()`. Default: now. */
  wall(at: number = performance.now()): number {
    return this.startMs + (at - this.#startedAt);
  }
}
