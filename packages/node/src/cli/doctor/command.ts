import type { Command } from "commander";
import { type CommandContext, createCommand } from "../lib/command.ts";

/** Options of `predikt doctor`. */
export interface DoctorOptions {
  readonly json?: boolean;
}

/** `predikt doctor`. */
export function doctorCommand({ terminal, end }: CommandContext): Command {
  return createCommand(
    "doctor",
    "Says what this machine can run: Node, runtimes, devices that open or why not, CPU budget, memory, optional packages.",
    [
      ["predikt doctor", "a list, and what to install"],
      ["predikt doctor --json", "for programs, and for reports of problems"],
    ],
    "Packages are looked for as an application in this folder would. Ends with 1 where no device opens.",
  )
    .option("--json", "print JSON")
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import("./doctor.ts");
      end(await doctor(options, terminal));
    });
}
