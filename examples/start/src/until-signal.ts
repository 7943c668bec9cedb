/**
 * Resolves with the first SIGINT or SIGTERM. From then on a second one ends the process at once, unless it comes within half a second: npm passes a
 * Ctrl-C on to a process that the terminal has told already.
 */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (first === undefined) {
        first = performance.now();
        resolve(signal);
      } else if (performance.now() - first > 500) process.exit(1);
    };
    process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  });
}
