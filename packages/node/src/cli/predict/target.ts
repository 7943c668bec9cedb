import { createPredictor, type PredictOptions, type Predictor } from "@predikt/core";
import { httpPredictor } from "@predikt/core/client";
import { remote } from "@predikt/core/remote";
import { headersOf } from "../lib/arguments.ts";
import { UsageError } from "../lib/failure.ts";
import { findProtocol } from "../lib/find-protocol.ts";
import { isHttpUrl } from "../lib/model-bytes.ts";
import { openFile } from "../lib/open-file.ts";
import { refuseServerOptions } from "../lib/server-options.ts";
import { parseServerUrl } from "../lib/server-url.ts";
import type { Terminal } from "../lib/terminal.ts";
import type { PredictCommandOptions } from "./command.ts";

/** Who predicts, and what every call of it asks for. */
export interface Target {
  readonly predictor: Predictor<unknown, unknown>;
  readonly call: PredictOptions;
}

/** Opens a file, or what a server has under a name. @throws UsageError; PrediktError */
export async function openTarget(target: string, options: PredictCommandOptions, terminal: Terminal): Promise<Target> {
  if (!isHttpUrl(target) || /\.onnx$/i.test(new URL(target).pathname)) {
    refuseServerOptions(target, options);
    const device = options.device?.split(",").map((name) => name.trim());
    const predictor = await openFile({ source: target, device, execution: "inline", warmup: false }, terminal);
    for (const { device: name, reason } of predictor.info.skipped) if (device !== undefined) terminal.say(`${name} skipped: ${reason}`);
    return { predictor: predictor as Predictor<unknown, unknown>, call: {} };
  }
  const place = parseServerUrl(target);
  const headers = headersOf(options.header);
  const model = options.model ?? place.model;
  const asked = options.protocol === "auto" ? undefined : options.protocol;
  const protocol = asked ?? place.protocol ?? (await findProtocol(place.base, headers));
  const version = options.modelVersion ?? place.version;
  const label = options.label ?? place.label;
  if (protocol === "typed") return { predictor: httpPredictor<unknown, unknown>(model, place.base, { headers }), call: { version, label } };
  if (label !== undefined) throw new UsageError("--label: OIP has no labels; --model-version names a version");
  if (model === undefined) throw new UsageError("--model: a server that speaks OIP does not say which model is meant");
  const backend = remote(place.base, { protocol: "oip", headers, version });
  const predictor = await createPredictor({ backend, source: model, name: model, warmup: false });
  return { predictor: predictor as Predictor<unknown, unknown>, call: {} };
}
