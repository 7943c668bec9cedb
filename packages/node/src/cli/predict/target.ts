import type { Predictor } from "@predikt/core";
import { httpPredictor } from "@predikt/core/client";
import { headersOf } from "../lib/arguments.ts";
import { isHttpUrl } from "../lib/model-bytes.ts";
import { openFile } from "../lib/open-file.ts";
import { parseServerUrl } from "../lib/server-url.ts";
import type { Terminal } from "../lib/terminal.ts";
import type { PredictCommandOptions } from "./command.ts";

/** Opens a file, or what a server has under a name. @throws UsageError; PrediktError */
export async function openTarget(target: string, options: PredictCommandOptions, terminal: Terminal): Promise<Predictor<unknown, unknown>> {
  if (!isHttpUrl(target) || /\.onnx$/i.test(new URL(target).pathname)) {
    const device = options.device?.split(",").map((name) => name.trim());
    const predictor = await openFile({ source: target, device, execution: "inline", warmup: false }, terminal);
    for (const { device: name, reason } of predictor.info.skipped) if (device !== undefined) terminal.say(`${name} skipped: ${reason}`);
    return predictor as Predictor<unknown, unknown>;
  }
  const { base, model } = parseServerUrl(target);
  return httpPredictor<unknown, unknown>(options.model ?? model, base, { headers: headersOf(options.header) });
}
