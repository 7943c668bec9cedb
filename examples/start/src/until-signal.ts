import { setTimeout as wait } from "node:timers/promises";

/** The wish to end. */
export interface Stop {
  readonly signal: NodeJS.Signals;
  /** Resolves once no echo of the signal is to be expected; a process that is already ending when one comes would die of it. */
  readonly echoed: Promise<void>;
}

/** npm passes a Ctrl-C on to a process that the terminal has told already. */
const echoMs = 250;

/** Resolves with the first SIGINT or SIGTERM. After it, and after its echo, another one ends the process at once. */
export function untilSignal(): Promise<Stop> {
  return new Promise((resolve) => {
    let over = false;
    const onFirst = (signal: NodeJS.Signals): void => {
      for (const name of ["SIGINT", "SIGTERM"] as const) {
        process.off(name, onFirst).on(name, () => {
          if (over) process.exit(1);
        });
      }
      const echoed = wait(echoMs).then(() => {
        over = true;
      });
      resolve({ signal, echoed });
    };
    process.on("SIGINT", onFirst).on("SIGTERM", onFirst);
  });
}
