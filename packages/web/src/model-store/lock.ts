import type { StorePlatform } from "./platform.ts";

const tails = new Map<string, Promise<unknown>>();

/**
 * Runs one task per key at a time: in all tabs and workers of the origin where there are Web Locks, in this worker elsewhere.
 * Waiting ends with the signal's reason.
 */
export async function exclusively<T>(
  key: string,
  { locks }: Pick<StorePlatform, "locks">,
  signal: AbortSignal,
  task: () => Promise<T>,
): Promise<T> {
  if (locks === undefined) return await queued(key, signal, task);
  let granted = false;
  try {
    return await locks.request(`predikt-model:${key}`, { signal }, () => {
      granted = true;
      return task();
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    // Locks that are there, and denied.
    if (!granted) return await queued(key, signal, task);
    throw error;
  }
}

async function queued<T>(key: string, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
  const before = tails.get(key) ?? Promise.resolve();
  const turn = before.then(() => {
    if (signal.aborted) throw signal.reason;
    return task();
  });
  const tail: Promise<unknown> = turn.catch(() => undefined).then(() => tails.get(key) === tail && tails.delete(key));
  tails.set(key, tail);
  return await turn;
}
