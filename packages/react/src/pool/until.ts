import type { Clock } from "@predikt/core";

/** Does nothing: for a promise whose failure shows elsewhere. */
export const noop = (): void => undefined;

/** Why a call or a load was given up. */
export function aborted(why: string): DOMException {
  return new DOMException(why, "AbortError");
}

/** A timer that keeps no process of Node alive. */
export function later(clock: Clock, ms: number, act: () => void): unknown {
  const timer = clock.after(ms, act);
  (timer as { unref?: () => void }).unref?.();
  return timer;
}
