import type { PredictOptions } from "@predikt/core";
import { toJson } from "@predikt/core/serving";
import { exit } from "../lib/failure.ts";
import type { Terminal } from "../lib/terminal.ts";
import type { PredictCommandOptions } from "./command.ts";
import { imageInput } from "./image-input.ts";
import { type Given, readInput } from "./input.ts";
import { type InputTensors, namedInputs } from "./named-inputs.ts";
import { readNpy } from "./npy.ts";
import { openTarget, type Target } from "./target.ts";

/** Predicts once and prints the output. @throws UsageError; PrediktError */
export async function predict(
  target: string,
  input: string | undefined,
  options: PredictCommandOptions,
  terminal: Terminal,
): Promise<number> {
  // Before the model is opened: a mistyped input should not wait for that.
  const given = await readInput(input, options);
  const { predictor, call: asked } = await openTarget(target, options, terminal);
  try {
    const call: PredictOptions = { ...asked, timeoutMs: options.timeoutMs };
    const prediction =
      given.kind === "json"
        ? await predictor.predictDetailed(given.value, call)
        : await predictor.predictEncoded(await tensorsOf(given, predictor, options, terminal), call);
    terminal.print(toJson(options.details === true ? prediction : prediction.output));
    return exit.ok;
  } finally {
    await predictor.close();
  }
}

async function tensorsOf(
  { files }: Extract<Given, { kind: "files" }>,
  predictor: Target["predictor"],
  options: PredictCommandOptions,
  terminal: Terminal,
): Promise<InputTensors> {
  // What runs elsewhere says what it takes only when it is asked.
  if (predictor.info.signature.inputs.length === 0) await predictor.warmup();
  const named = namedInputs(files, predictor.info.signature.inputs);
  const tensors: InputTensors = {};
  for (const { spec, kind, path } of named) {
    tensors[spec.name] = kind === "npy" ? await readNpy(path) : await imageInput(path, spec, options, terminal);
  }
  return tensors;
}
