import type { Command } from "commander";
import { type CommandContext, createCommand } from "../lib/command.ts";

/** `predikt predict`. */
export function predictCommand({ end }: CommandContext): Command {
  return createCommand("predict", "…", []).action(() => end(1));
}
