import { Command, CommanderError } from "commander";
import manifest from "../../package.json" with { type: "json" };
import { benchCommand } from "./bench/command.ts";
import { conformanceCommand } from "./conformance/command.ts";
import { doctorCommand } from "./doctor/command.ts";
import { inspectCommand } from "./inspect/command.ts";
import type { CommandContext } from "./lib/command.ts";
import { exit, tell } from "./lib/failure.ts";
import { processTerminal, type Terminal } from "./lib/terminal.ts";
import { predictCommand } from "./predict/command.ts";
import { serveCommand } from "./serve/command.ts";

const notes = `
Exit codes:
  0  it worked
  1  it failed: a file that is not there, a server that does not answer, a check that did not pass
  2  it was called wrongly: an unknown option, a value that cannot be

What a program may read goes to stdout, everything else to stderr. NO_COLOR turns colours off.`;

/** Runs the command line and gives the exit code. Never rejects. */
export async function runCli(args: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  let code: number = exit.ok;
  const program = createProgram({
    terminal,
    end: (given) => {
      code = given;
    },
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    // What is wrong, or the help, has been written.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.ok : exit.usage;
    return tell(error, terminal, args.includes("--debug"));
  }
}

function createProgram(context: CommandContext): Command {
  const { terminal } = context;
  const program = new Command("predikt")
    .description("Serves, looks into and measures ONNX models.")
    .version(manifest.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this")
    .helpCommand(false)
    .addHelpText("after", notes)
    .showHelpAfterError("  predikt --help lists the commands");
  const commands = [serveCommand, inspectCommand, predictCommand, benchCommand, conformanceCommand, doctorCommand];
  for (const create of commands) program.addCommand(create(context).helpOption("-h, --help", "print this"));
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .configureOutput({
        outputError: (text, write) => write(`${terminal.sayColors.red("✗")} ${text.replace(/^error: /, "")}`),
        getOutHelpWidth: () => terminal.columns,
        getErrHelpWidth: () => terminal.columns,
      })
      .configureHelp({ styleTitle: (title) => (terminal.isPrintSeen ? terminal.colors.bold(title) : title) });
  }
  return program;
}
