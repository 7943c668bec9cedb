import { LifecycleError } from "../errors/index.ts";
import type { AbortLike } from "../types/index.ts";

/** Tells those who work for a call that nobody waits for it any more. */
export class Stop implements AbortLike {
  aborted = false;
  #reason: unknown;
  readonly #listeners = new Set<() => void>();

  /** The one it was fired with, else one that is made when somebody looks: most calls end with nobody left to tell. */
  get reason(): unknown {
    this.#reason ??= new LifecycleError("CLOSED", "nobody waits for this call any more");
    return this.#reason;
  }

  /** Only the first call counts. */
  fire(reason?: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.#reason = reason;
    for (const listener of [...this.#listeners]) listener();
    this.#listeners.clear();
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.delete(listener);
  }
}
