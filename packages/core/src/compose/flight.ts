import type { Job } from "../batching/job.ts";
import type { Prediction } from "../types/index.ts";
import type { Copy } from "./copy.ts";
import { Stop } from "./stop.ts";

/** What a run gave. */
export interface Landing {
  readonly prediction: Prediction<unknown>;
  /** For those who did not start it, and for later; undefined where the output cannot be copied. */
  readonly copy: Copy | undefined;
}

/** One run that several calls of one key wait for. It is stopped once all of them have gone, and by none of them alone. */
export class Flight {
  readonly stop: Stop = new Stop();
  landing: Promise<Landing> | undefined;
  readonly #onLeft: () => void;
  #waiting = 0;

  /** @param onLeft Called when nobody waits any more. */
  constructor(onLeft: () => void) {
    this.#onLeft = onLeft;
  }

  /** Counts a job as one that waits, until it settles. */
  board(job: Job): void {
    this.#waiting++;
    job.onGone = () => {
      this.#waiting--;
      if (this.#waiting > 0) return;
      this.#onLeft();
      this.stop.fire();
    };
  }
}
