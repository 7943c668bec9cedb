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
    .addHelpText("after", `\nExamples:\n${lines.join("\n")}${notes === "" ? "" : `\n\n${wrap(notes)}`}`)
    .showHelpAfterError(`  predikt ${name} --help lists the options`);
}

/** Width of a help text, where the terminal's own is not asked: examples and notes are written, not laid out. */
const helpWidth = 98;

/** Text in lines of a help's width; an empty line ends a paragraph. */
function wrap(text: string): string {
  const paragraphs = text.split("\n\n").map((paragraph) => {
    const lines: string[] = [];
    for (const word of paragraph.split(/\s+/)) {
      const last = lines.at(-1);
      if (last === undefined || last.length + 1 + word.length > helpWidth) lines.push(word);
      else lines[lines.length - 1] = `${last} ${word}`;
    }
    return lines.join("\n");
  });
  return paragraphs.join("\n\n");
}
