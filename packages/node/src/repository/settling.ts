import type { Stamp } from "./stamp.ts";

/** Knows which files are not being written any more: those that nobody has touched for a while, by their own times or as far as has been seen. */
export class Settling {
  readonly #settleMs: number;
  readonly #seen = new Map<string, { readonly text: string; readonly since: number }>();

  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  /** Whether what `key` stands for has settled. The empty text stands for what is not there. */
  has(key: string, { text, changedAt }: Stamp, now: number): boolean {
    let seen = this.#seen.get(key);
    if (seen?.text !== text) {
      seen = { text, since: now };
      this.#seen.set(key, seen);
    }
    return now - seen.since >= this.#settleMs || (text !== "" && now - changedAt >= this.#settleMs);
  }

  forget(key: string): void {
    this.#seen.delete(key);
  }
}
