import type { Command } from "commander";
import { type CommandContext, createCommand } from "../lib/command.ts";

/** Options of `predikt inspect`. */
export interface InspectOptions {
  readonly json?: boolean;
}

/** `predikt inspect`. */
export function inspectCommand({ terminal, end }: CommandContext): Command {
  return createCommand(
    "inspect",
    "Says what a model file takes, gives and is made of, and what is unusual about it. Needs no runtime.",
    [
      ["predikt inspect model.onnx", "signature, opsets, operators, size, metadata"],
      ["predikt inspect https://example.com/model.onnx", "downloads it first"],
      ["predikt inspect model.onnx --json | jq .signature", "for programs"],
    ],
    "Ends with 1 where no predictor would take the model: a broken file, a type that JavaScript has not, missing external data.",
  )
    .argument("<model>", "path or URL of an .onnx file")
    .option("--json", "print JSON")
    .action(async (model: string, options: InspectOptions) => {
      const { inspect } = await import("./inspect.ts");
      end(await inspect(model, options, terminal));
    });
}
