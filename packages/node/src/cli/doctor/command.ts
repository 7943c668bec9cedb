import type { Command } from "commander";
import { type CommandContext, createCommand } from "../lib/command.ts";

/** `predikt doctor`. */
export function doctorCommand({ end }: CommandContext): Command {
  return createCommand("doctor", "…", []).action(() => end(1));
}
