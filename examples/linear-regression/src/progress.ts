import cliProgress from "cli-progress";

/** Shows how far something is. */
export interface Progress {
  (done: number, loss: number): void;
  /** Ends the bar's line. */
  stop(): void;
}

/** A bar with the loss on a terminal, five plain lines elsewhere. */
export function progressBar(total: number): Progress {
  if (!process.stdout.isTTY) {
    const every = Math.ceil(total / 5);
    const print = (done: number, loss: number): void => {
      if (done % every === 0 || done === total) console.log(`  epoch ${done} of ${total}, loss ${lossText(loss)}`);
    };
    return Object.assign(print, { stop: () => {} });
  }
  const format = "  [{bar}] epoch {value} of {total}, loss {loss}";
  const bar = new cliProgress.SingleBar({ format, stream: process.stdout, hideCursor: true }, cliProgress.Presets.shades_classic);
  bar.start(total, 0, { loss: "…" });
  const show = (done: number, loss: number): void => bar.update(done, { loss: lossText(loss) });
  return Object.assign(show, { stop: () => bar.stop() });
}

function lossText(loss: number): string {
  return loss < 0.001 ? loss.toExponential(1) : loss.toFixed(3);
}
