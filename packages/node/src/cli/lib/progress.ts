import type { LoadProgress } from "@predikt/core";
import { Presets, SingleBar } from "cli-progress";
import type { Terminal } from "./terminal.ts";
import { bytesText } from "./units.ts";

/** Shows how far something has come. */
export interface Progress {
  /** @param ratio 0 to 1; undefined while nobody knows. */
  update(ratio: number | undefined, what: string): void;
  /** Takes the bar away. */
  end(): void;
}

/** A bar on a terminal; elsewhere a plain line each time that `what` changes its first word. Both on stderr. */
export function createProgress(terminal: Terminal): Progress {
  return terminal.isInteractive ? bar() : lines(terminal);
}

/** The terminal's cursor is hidden meanwhile, and its lines do not wrap: both are given back also where a signal ends the process. */
function bar(): Progress {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  let shown: SingleBar | undefined;
  function end(): void {
    for (const signal of signals) process.off(signal, onSignal);
    process.off("exit", end);
    shown?.stop();
    shown = undefined;
  }
  function onSignal(signal: NodeJS.Signals): void {
    end();
    // Nobody else wants to go on, so that it does what it does without a listener.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  }
  return {
    update(ratio, what) {
      if (shown === undefined) {
        shown = new SingleBar(
          { format: "{bar} {percent} {what}", stream: process.stderr, barsize: 24, clearOnComplete: true, hideCursor: true },
          Presets.shades_classic,
        );
        shown.start(1, 0, { percent: "", what });
        for (const signal of signals) process.on(signal, onSignal);
        process.on("exit", end);
      }
      shown.update(ratio ?? 0, { percent: ratio === undefined ? "" : `${Math.round(ratio * 100)} %`.padStart(5), what });
    },
    end,
  };
}

function lines({ say }: Terminal): Progress {
  let last = "";
  return {
    update(_ratio, what) {
      const [first = ""] = what.split(" ");
      if (first === last) return;
      last = first;
      say(what);
    },
    end() {},
  };
}

/** A listener for a model's load that shows it. */
export function showLoad(progress: Progress, name: string): (event: LoadProgress) => void {
  return ({ phase, loaded, total, ratio }) => {
    const bytes =
      total === undefined || total === 0 ? (loaded > 0 ? bytesText(loaded) : "") : `${bytesText(loaded)} of ${bytesText(total)}`;
    progress.update(ratio, `${phase} ${name}${phase === "download" && bytes !== "" ? ` ${bytes}` : ""}`);
  };
}
