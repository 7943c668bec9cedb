import pc from "picocolors";

/** Paints text, or leaves it as it is. */
export type Colors = ReturnType<typeof pc.createColors>;

/** Where a command writes. */
export interface Terminal {
  /** Writes what was asked for to stdout, with a line's end. */
  print(text: string): void;
  /** Writes what a person is to know meanwhile to stderr, with a line's end. */
  say(text: string): void;
  /** For stdout. */
  readonly colors: Colors;
  /** For stderr. */
  readonly sayColors: Colors;
  /** Whether a person sees stderr, so that a line may be drawn over. */
  readonly isInteractive: boolean;
  /** Whether stdout is a terminal. */
  readonly isPrintSeen: boolean;
  /** Width of stdout in characters; 100 where it is no terminal. */
  readonly columns: number;
}

/** This process's own terminal. */
export function processTerminal(): Terminal {
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
  // Nor is one that has gone, or a terminal that was closed, to what nobody need read.
  process.stderr.on("error", () => {});
  return {
    print: (text) => process.stdout.write(`${text}\n`),
    say: (text) => process.stderr.write(`${text}\n`),
    colors: pc.createColors(wantsColors(process.env, process.stdout)),
    sayColors: pc.createColors(wantsColors(process.env, process.stderr)),
    isInteractive: process.stderr.isTTY === true && process.env["TERM"] !== "dumb" && !isSet(process.env["CI"]),
    isPrintSeen: process.stdout.isTTY === true,
    columns: process.stdout.columns ?? 100,
  };
}

/** Whether a stream gets colours: NO_COLOR (https://no-color.org) and FORCE_COLOR go before what the stream is. */
export function wantsColors(env: NodeJS.ProcessEnv, stream: { readonly isTTY?: boolean }): boolean {
  if (isSet(env["NO_COLOR"])) return false;
  if (isSet(env["FORCE_COLOR"])) return env["FORCE_COLOR"] !== "0";
  return stream.isTTY === true && env["TERM"] !== "dumb";
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
