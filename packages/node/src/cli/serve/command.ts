import { type Command, Option } from "commander";
import { type CommandContext, createCommand } from "../lib/command.ts";
import { settings } from "./settings.ts";

/** Options of `predikt serve` that are no settings. */
export interface ServeOptions extends Readonly<Record<string, unknown>> {
  readonly config?: string | false;
  readonly printConfig?: boolean;
}

const notes = `Settings come from flags, else from the environment (--max-batch-size is PREDIKT_MAX_BATCH_SIZE), else
from predikt.config.json or predikt.config.mjs of this folder, else from the defaults.

It answers /predict/…, /v2/…, /v1/…, /models, /health/live, /health/ready, /docs and /metrics, and writes
one line to stdout: the address. SIGTERM and SIGINT let requests under way finish, and it ends with 0;
a second one ends it at once with 1. SIGHUP replaces several processes one by one, and is as SIGTERM to one.`;

/** `predikt serve`. */
export function serveCommand({ terminal, end }: CommandContext): Command {
  const command = createCommand(
    "serve",
    "Serves models over HTTP.",
    [
      ["predikt serve mnist_cnn.onnx", "POST /predict/mnist_cnn on 127.0.0.1:3000"],
      ["predikt serve ./models --port 8080", "a repository: <model>/<version>/model.onnx"],
      ["predikt serve ./predictors.mjs", "predictors, or a registry, that a module exports"],
      ["predikt serve m.onnx --device cuda,cpu --max-batch-size 64", "the GPU where there is one"],
      ["PREDIKT_LOG=json predikt serve m.onnx --port 0", "a free port, which it prints"],
    ],
    notes,
  ).argument("[model]", settings.find(({ key }) => key === "model")?.about);
  for (const { flag, about, fallback } of settings) {
    if (flag !== undefined) command.addOption(new Option(flag, fallback === undefined ? about : `${about} (default: ${fallback})`));
  }
  return command
    .option("--config <file>", "config file (default: predikt.config.json or .mjs of this folder)")
    .option("--no-config", "read no config file")
    .option("--print-config", "print the settings and where each came from, and end")
    .action(async (model: string | undefined, options: ServeOptions) => {
      const { serve } = await import("./serve.ts");
      end(await serve(model, options, terminal));
    });
}
