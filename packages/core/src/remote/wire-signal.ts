import type { AbortLike, Clock } from "../types/index.ts";

/** A signal for the wire, and what must be given back once the call has ended. */
export interface WireSignal {
  readonly signal: AbortSignal | undefined;
  /** Whether it fired because the time was over. */
  readonly expired: boolean;
  release(): void;
}

/**
 * Makes an `AbortSignal` of what may be none: the wire takes no other. One is made only where there is something to tell.
 *
 * @param limitMs Milliseconds after which it fires by itself; Infinity for never.
 */
export function wireSignal(gone: AbortLike | undefined, limitMs: number, clock: Clock): WireSignal {
  if (limitMs === Infinity && (gone === undefined || gone instanceof AbortSignal))
    return { signal: gone as AbortSignal | undefined, expired: false, release: () => {} };
  const controller = new AbortController();
  const abort = (): void => controller.abort(gone?.reason);
  let expired = false;
  const timer =
    limitMs === Infinity
      ? undefined
      : clock.after(limitMs, () => {
          expired = true;
          controller.abort();
        });
  if (gone?.aborted) abort();
  else gone?.addEventListener("abort", abort);
  return {
    signal: controller.signal,
    get expired() {
      return expired;
    },
    release() {
      if (timer !== undefined) clock.clear(timer);
      gone?.removeEventListener("abort", abort);
    },
  };
}
