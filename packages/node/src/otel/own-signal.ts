import type { AbortLike } from "@predikt/core";

/** Who hears each signal that callers share: one listener on it serves all, since Node warns of a leak from the eleventh on. */
const heard = new WeakMap<AbortLike, Set<() => void>>();

/** The caller's signal, or none, as one that belongs to this call alone: by it the call's job is known. */
export class OwnSignal implements AbortLike {
  readonly given: AbortLike | undefined;

  constructor(given: AbortLike | undefined) {
    this.given = given;
  }

  get aborted(): boolean {
    return this.given?.aborted ?? false;
  }

  get reason(): unknown {
    return this.given?.reason;
  }

  addEventListener(type: "abort", listener: () => void): void {
    const { given } = this;
    if (given === undefined) return;
    const known = heard.get(given);
    if (known !== undefined) {
      known.add(listener);
      return;
    }
    const listeners = new Set([listener]);
    heard.set(given, listeners);
    given.addEventListener(type, () => {
      for (const each of [...listeners]) each();
    });
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    if (this.given !== undefined) heard.get(this.given)?.delete(listener);
  }
}
