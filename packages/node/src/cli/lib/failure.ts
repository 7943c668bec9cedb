import { isPrediktError } from "@predikt/core";
import type { Terminal } from "./terminal.ts";

/** What a command ends with. */
export const exit = { ok: 0, failed: 1, usage: 2 } as const;

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {}

/** Something expected went wrong, and the message says what: exit code 1. */
export class Failure extends Error {}

/** Writes an error as one line, with its stack where that is wanted, and gives the exit code. */
export function tell(error: unknown, { say, sayColors }: Terminal, debug: boolean): number {
  say(`${sayColors.red("✗")} ${lineOf(error)}`);
  if (debug) say(sayColors.dim(stackOf(error)));
  else if (!isExpected(error)) say(sayColors.dim("  --debug shows where that came from"));
  return error instanceof UsageError || isPrediktError(error, "CONFIG_INVALID") ? exit.usage : exit.failed;
}

/** An error as one line: its message, and its code where it has one. */
export function lineOf(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, " ");
  return isPrediktError(error) && !text.includes(error.code) ? `${text} (${error.code})` : text;
}

function isExpected(error: unknown): boolean {
  return error instanceof UsageError || error instanceof Failure || isPrediktError(error);
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? error.message;
  return error.cause === undefined ? stack : `${stack}\ncaused by ${stackOf(error.cause)}`;
}
