import type { AbortLike } from "../types/index.ts";

/**
 * Who hears each signal. One listener on the signal serves all: an `AbortSignal` takes longer to add one to than a job takes otherwise, and Node warns
 * of a leak from the eleventh on.
 */
const heard = new WeakMap<AbortLike, Set<() => void>>();

/** Calls the listener when the signal aborts. */
export function hear(signal: AbortLike, listener: () => void): void {
  // Other signals than the platform's are made for one job each.
  if (!(signal instanceof AbortSignal)) {
    signal.addEventListener("abort", listener);
    return;
  }
  let listeners = heard.get(signal);
  if (listeners === undefined) {
    listeners = new Set();
    heard.set(signal, listeners);
    const all = listeners;
    signal.addEventListener("abort", () => {
      for (const each of all) each();
    });
  }
  listeners.add(listener);
}

/** Takes back what {@link hear} did. */
export function ignore(signal: AbortLike, listener: () => void): void {
  heard.get(signal)?.delete(listener) ?? signal.removeEventListener("abort", listener);
}
