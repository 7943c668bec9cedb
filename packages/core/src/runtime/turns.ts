import type { AbortLike, Priority } from "../types/index.ts";

const levels: Readonly<Record<Priority, number>> = { high: 0, normal: 1, low: 2 };

interface Waiting {
  readonly level: number;
  start(): void;
}

/** Lets one after another use a runtime: the most urgent first, and in the order in which they came. */
export class Turns {
  readonly #waiting: Waiting[] = [];
  #taken = false;

  /**
   * Resolves when it is the caller's turn, which lasts until the function it gives is called.
   *
   * @param gone Takes the caller out of the queue: it rejects with the reason.
   */
  take(priority: Priority = "normal", gone?: AbortLike): Promise<() => void> {
    // A signal that has fired already tells nobody any more.
    if (gone?.aborted) return Promise.reject(gone.reason);
    if (!this.#taken) {
      this.#taken = true;
      return Promise.resolve(this.#done);
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(gone?.reason);
      };
      const waiting: Waiting = {
        level: levels[priority],
        start: () => {
          gone?.removeEventListener("abort", leave);
          resolve(this.#done);
        },
      };
      gone?.addEventListener("abort", leave);
      const after = this.#waiting.findIndex(({ level }) => level > waiting.level);
      this.#waiting.splice(after < 0 ? this.#waiting.length : after, 0, waiting);
    });
  }

  readonly #done = (): void => {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken = false;
    else next.start();
  };
}
