import { flags } from "./protocol.ts";

/** How long a process that exits waits for runs under way. A longer run ends it with an abort, as it would have without us. */
const patienceMs = 10_000;
const live = new Set<Int32Array>();

/**
 * Lets the process exit with its own code while a thread runs native code: Node would end the thread in the middle, and that aborts the whole
 * process. Returns the function that forgets the thread.
 */
export function guardExit(shared: Int32Array): () => void {
  if (live.size === 0) process.on("exit", waitForRuns);
  live.add(shared);
  return () => {
    live.delete(shared);
    if (live.size === 0) process.off("exit", waitForRuns);
  };
}

function waitForRuns(): void {
  const until = Date.now() + patienceMs;
  for (const shared of live) Atomics.store(shared, flags.stop, 1);
  for (const shared of live) {
    let left = until - Date.now();
    while (left > 0 && Atomics.wait(shared, flags.busy, 1, left) === "ok") left = until - Date.now();
  }
}
