type Close = () => Promise<unknown>;

const signals = ["SIGTERM", "SIGINT"] as const;
const closers = new Set<Close>();

/**
 * Calls `close` on the first SIGTERM or SIGINT. Once everything so registered is closed, the signal is raised again and does what it would have done; a
 * second one does so at once.
 *
 * @returns the function that takes `close` off the list, and the listeners off the process with the last one.
 */
export function closeOnSignals(close: Close): () => void {
  if (closers.size === 0) for (const signal of signals) process.on(signal, onSignal);
  closers.add(close);
  return () => {
    closers.delete(close);
    if (closers.size === 0) letGo();
  };
}

function onSignal(signal: NodeJS.Signals): void {
  letGo();
  void Promise.allSettled([...closers].map((close) => close())).then(() => process.kill(process.pid, signal));
}

function letGo(): void {
  for (const signal of signals) process.off(signal, onSignal);
}
