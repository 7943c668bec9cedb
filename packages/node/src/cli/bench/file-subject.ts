import type { RawInputs } from "@predikt/core";
import { UsageError } from "../lib/failure.ts";
import { openFile } from "../lib/open-file.ts";
import { randomTensors } from "../lib/random-tensors.ts";
import { refuseServerOptions } from "../lib/server-options.ts";
import type { Terminal } from "../lib/terminal.ts";
import { bytesText } from "../lib/units.ts";
import type { BenchOptions } from "./command.ts";
import type { OpenSubject } from "./subject.ts";

/** A model file in this process. @throws PrediktError */
export async function fileSubject(source: string, input: unknown, options: BenchOptions, terminal: Terminal): Promise<OpenSubject> {
  refuseServerOptions(source, options);
  const { execution, batching, maxBatchSize, rows } = options;
  if (input !== undefined && rows > 1) throw new UsageError("--input has the rows that it has; leave --rows or --input out");
  const device = options.device?.split(",").map((name) => name.trim());
  const demanded = batching === "on" ? true : batching === "auto" ? "auto" : false;
  const predictor = await openFile(
    { source, device, execution, batching: maxBatchSize === undefined || batching === "off" ? demanded : { maxBatchSize } },
    terminal,
  );
  const { info } = predictor;
  const inputs = (input ?? randomTensors(info.signature.inputs, rows)) as RawInputs;
  const limits = info.batching.enabled ? `batches of up to ${info.batching.maxBatchSize}` : "no batching";
  return {
    what: `${source} on ${info.device}, ${info.execution}, ${limits}, ${bytesText(info.modelBytes ?? 0)}`,
    protocol: "none: in this process",
    cpuOf: "client and model",
    ask: () => predictor.predict(inputs),
    counts: async () => predictor.stats(),
    close: () => predictor.close(),
  };
}
