import type { Command } from "commander";
import { type CommandContext, createCommand } from "../lib/command.ts";

/** `predikt serve`. */
export function serveCommand({ end }: CommandContext): Command {
  return createCommand("serve", "…", []).action(() => end(1));
}
