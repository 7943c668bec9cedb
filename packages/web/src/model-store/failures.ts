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
