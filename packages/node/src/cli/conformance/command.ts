import { type Command, Option } from "commander";
import { collect, whole } from "../lib/arguments.ts";
import { type CommandContext, createCommand } from "../lib/command.ts";

/** Options of `predikt conformance`. */
export interface ConformanceOptions {
  readonly model?: string;
  readonly modelVersion?: string;
  readonly input?: string;
  readonly header?: readonly string[];
  readonly only?: readonly string[];
  readonly strict?: boolean;
  readonly timeoutMs: number;
  readonly json?: boolean;
  readonly list?: boolean;
}

const notes = `Every check names the rule that it holds the server to: the Open Inference Protocol's REST page, or
Triton's page of the binary tensor extension, which is checked where the server lists it. A "must" that
fails makes the exit code 1; a "should" does so with --strict. Inputs are made of the model's metadata:
floats from 0 to 1, everything else zeros; --input gives a request of your own where that is no input.`;

/** `predikt conformance`. */
export function conformanceCommand({ terminal, end }: CommandContext): Command {
  return createCommand(
    "conformance",
    "Checks whether a server, anybody's, speaks the Open Inference Protocol v2 over REST: JSON, binary tensors, errors.",
    [
      ["predikt conformance http://127.0.0.1:3000 --model digits", "our own server"],
      ["predikt conformance http://triton:8000/v2/models/resnet --json > report.json", "any other, with a report"],
      ["predikt conformance http://kserve --model m --only infer --only errors", "some groups or checks"],
      ["predikt conformance --list", "what is checked, and by which rule"],
    ],
    notes,
  )
    .argument("[url]", "where the server's /v2 lies, or the address of a model below it")
    .option("--model <name>", "the model to ask (default: the only one, where the server lists them)")
    .option("--model-version <version>", "its version (default: the server chooses)")
    .option("--input <file>", "a JSON file with a valid inference request")
    .addOption(new Option("--header <line>", 'a header, "name: value"; several times').argParser(collect))
    .addOption(new Option("--only <id>", "a group (health, metadata, infer, binary, errors) or a check; several times").argParser(collect))
    .option("--strict", 'count each "should" as a "must"')
    .addOption(new Option("--timeout-ms <ms>", "longest wait for one answer").argParser(whole(1)).default(10_000))
    .option("--list", "print the checks and their rules, and end")
    .option("--json", "print a JSON report")
    .action(async (url: string | undefined, options: ConformanceOptions) => {
      const { conformance } = await import("./conformance.ts");
      end(await conformance(url, options, terminal));
    });
}
