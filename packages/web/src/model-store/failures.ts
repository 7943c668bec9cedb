/** A failure that another attempt may mend. */
export class Passing extends Error {
  readonly retryAfterMs: number;
  /** No reply came at all: offline, or a server that does not answer. */
  readonly unreachable: boolean;
  /** The next attempt starts from nothing, which mends it: it counts as no attempt. */
  readonly restart: boolean;

  constructor(message: string, init: { retryAfterMs?: number; unreachable?: boolean; restart?: boolean; cause?: unknown } = {}) {
    super(message, { cause: init.cause });
    this.retryAfterMs = init.retryAfterMs ?? 0;
    this.unreachable = init.unreachable ?? false;
    this.restart = init.restart ?? false;
  }
}

/** Whether a write failed for want of room. Firefox has a name of its own for it. */
export function isQuota(error: unknown): boolean {
  return /Quota|NO_DEVICE_SPACE/i.test(String((error as Error | undefined)?.name));
}

/** What a thrown value says of itself. */
export function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.message === "" ? thrown.name : thrown.message;
}

/** A promise that is left at once when the signal fires; what it does goes on and cleans up behind itself. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
