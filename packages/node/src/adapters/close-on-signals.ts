type Close = () => Promise<unknown>;

const signals = ["SIGTERM", "SIGINT"] as const;
/** npm passes a Ctrl-C on to a process that the terminal has told already: what comes within this time is no second wish. */
const echoMs = 500;
const closers = new Set<Close>();
let firstAt: number | undefined;

/**
 * Calls `close` on the first SIGTERM or SIGINT. Once everything so registered is closed, the signal is raised again and does what it would have done; a
 * second one, from half a second after the first, does so at once.
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
  if (firstAt === undefined) {
    firstAt = performance.now();
    void Promise.allSettled([...closers].map((close) => close())).then(() => raise(signal));
  } else if (performance.now() - firstAt >= echoMs) raise(signal);
}

function raise(signal: NodeJS.Signals): void {
  closers.clear();
  letGo();
  process.kill(process.pid, signal);
}

function letGo(): void {
  firstAt = undefined;
  for (const signal of signals) process.off(signal, onSignal);
}
