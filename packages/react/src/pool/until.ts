import { type AbortLike, type Clock, OverloadError } from "@predikt/core";

/** Does nothing: for a promise whose failure shows elsewhere. */
export const noop = (): void => undefined;

/** Why a call or a load was given up. */
export function aborted(why: string): DOMException {
  return new DOMException(why, "AbortError");
}

/** Calls back when the signal aborts, at once where it has, until the returned function is called. */
export function onAbort(signal: AbortLike | undefined, act: () => void): () => void {
  if (signal?.aborted === true) act();
  signal?.addEventListener("abort", act);
  return () => signal?.removeEventListener("abort", act);
}

/** A timer that keeps no process of Node alive. */
export function later(clock: Clock, ms: number, act: () => void): unknown {
  const timer = clock.after(ms, act);
  (timer as { unref?: () => void }).unref?.();
  return timer;
}

/**
 * The promise's result, or a rejection as soon as the signal aborts or the deadline has come.
 *
 * @throws `signal.reason`, or OverloadError DEADLINE_EXCEEDED
 */
export function until<T>(promise: Promise<T>, signal: AbortLike | undefined, clock?: Clock, deadline?: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new OverloadError("DEADLINE_EXCEEDED", "the time limit passed before the prediction could begin"));
    const timer = deadline === undefined ? undefined : clock?.after(deadline - clock.now(), late);
    const unlink = onAbort(signal, () => reject(signal?.reason));
    promise.then(resolve, reject).finally(() => {
      clock?.clear(timer);
      unlink();
    });
  });
}
