import { BackendError, type PrediktError } from "../errors/index.ts";
import type { BackendEvent, Clock } from "../types/index.ts";

/** Losses after which nothing is tried for a while. */
const limit = 3;
/** Milliseconds in which that many losses count, and for which nothing is tried. */
const windowMs = 300_000;
const restMs = 30_000;

/** Stops a model that keeps breaking its worker from doing so for ever. */
export class Circuit {
  readonly #clock: Clock;
  readonly #onEvent: (event: BackendEvent) => void;
  #losses: number[] = [];
  #openUntil = 0;
  #last: PrediktError | undefined;

  constructor(clock: Clock, onEvent: (event: BackendEvent) => void) {
    this.#clock = clock;
    this.#onEvent = onEvent;
  }

  /** @throws BackendError BACKEND_LOST while nothing is tried */
  check(): void {
    const retryAfterMs = Math.ceil(this.#openUntil - this.#clock.now());
    if (retryAfterMs <= 0) return;
    const why = `the model's worker was lost ${limit} times, the last time since ${this.#last?.message ?? "it ended"}`;
    throw new BackendError("BACKEND_LOST", `${why}; the next attempt is made in ${Math.ceil(retryAfterMs / 1000)} s`, {
      cause: this.#last,
      details: { retryAfterMs, losses: limit },
    });
  }

  /** Starts anew: what was lost says nothing of what is tried next. */
  forget(): void {
    this.#losses = [];
    this.#openUntil = 0;
  }

  /** Counts a loss. */
  lost(error: PrediktError): void {
    const now = this.#clock.now();
    this.#last = error;
    this.#losses = [...this.#losses.filter((at) => now - at < windowMs), now];
    if (this.#losses.length < limit) return;
    // After the rest, one more loss opens it again.
    this.#losses = this.#losses.slice(1);
    this.#openUntil = now + restMs;
    this.#onEvent({ type: "circuit-opened", detail: { losses: limit, restMs, reason: error.message } });
  }
}
