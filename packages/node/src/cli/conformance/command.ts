import type { Command } from "commander";
import { type CommandContext, createCommand } from "../lib/command.ts";

/** `predikt conformance`. */
export function conformanceCommand({ end }: CommandContext): Command {
  return createCommand("conformance", "…", []).action(() => end(1));
}
