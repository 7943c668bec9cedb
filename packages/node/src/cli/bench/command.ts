import type { Command } from "commander";
import { type CommandContext, createCommand } from "../lib/command.ts";

/** `predikt bench`. */
export function benchCommand({ end }: CommandContext): Command {
  return createCommand("bench", "…", []).action(() => end(1));
}
