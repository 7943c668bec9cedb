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
    let state: "waiting" | "echoing" | "stopping" = "waiting";
    // One listener for good: with none, be it for a moment, a signal kills.
    const onSignal = (signal: NodeJS.Signals): void => {
      if (state === "stopping") process.exit(1);
      if (state === "echoing") return;
      state = "echoing";
      const echoed = wait(echoMs).then(() => {
        state = "stopping";
      });
      resolve({ signal, echoed });
    };
    process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  });
}
