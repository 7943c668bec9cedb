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

function bar(): Progress {
  let shown: SingleBar | undefined;
  return {
    update(ratio, what) {
      if (shown === undefined) {
        shown = new SingleBar(
          { format: "{bar} {percent} {what}", stream: process.stderr, barsize: 24, clearOnComplete: true, hideCursor: true },
          Presets.shades_classic,
        );
        shown.start(1, 0, { percent: "", what });
      }
      shown.update(ratio ?? 0, { percent: ratio === undefined ? "" : `${Math.round(ratio * 100)} %`.padStart(5), what });
    },
    end() {
      shown?.stop();
      shown = undefined;
    },
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
