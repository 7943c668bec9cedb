import { exit } from "../lib/failure.ts";

/** npm passes a Ctrl-C on to a process that the terminal has told already: what comes within this time is no second wish. */
const echoMs = 500;

/** Resolves with the first of some signals. A second one, half a second later or more, ends the process at once. */
export function untilSignal(signals: readonly NodeJS.Signals[]): Promise<{ readonly signal: NodeJS.Signals }> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (firstAt !== undefined && performance.now() - firstAt >= echoMs) process.exit(exit.failed);
      firstAt ??= performance.now();
      resolve({ signal });
    };
    for (const signal of signals) process.on(signal, onSignal);
  });
}
