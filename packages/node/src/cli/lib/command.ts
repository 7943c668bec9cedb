import { Command } from "commander";
import type { Terminal } from "./terminal.ts";

/** What every command's action is given. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Takes the exit code of the action that ran. */
  readonly end: (code: number) => void;
}

/** A line of a command's examples. */
export type Example = readonly [line: string, what: string];

/** Makes a command with what all have: `--debug`, examples, and a hint at its help after an error. */
export function createCommand(name: string, about: string, examples: readonly Example[], notes: string = ""): Command {
  const lines = examples.map(([line, what]) => `  ${line}\n      ${what}`);
  return new Command(name)
    .description(about)
    .option("--debug", "show the stack of an error")
    .addHelpText("after", `\nExamples:\n${lines.join("\n")}${notes === "" ? "" : `\n\n${notes}`}`)
    .showHelpAfterError(`  predikt ${name} --help lists the options`);
}
