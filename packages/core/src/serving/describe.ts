import type { AnyPredictor, ServedModel } from "../types/index.ts";
import { shortExample } from "./example.ts";
import { schemasOf } from "./json-schema.ts";

/** One line of `GET /models`. */
export function summariseModel({ name, version, labels, predictor }: ServedModel, defaultName: string | undefined): object {
  const { state, device } = predictor.info;
  return { name, version, labels, state, device, default: name === defaultName && labels.includes("stable") };
}

/** `GET /models/{model}`: what it takes and gives, where it runs and how it fares. */
export function describeModel(predictor: AnyPredictor, labels: readonly string[]): object {
  const { name, version, digest, backend, device, execution, signature, metadata, modelBytes, batching, state } = predictor.info;
  const { input, output } = schemasOf(predictor);
  const example = shortExample(predictor);
  return {
    name,
    version,
    labels,
    digest: digest ?? null,
    state,
    backend,
    device,
    execution,
    modelBytes: modelBytes ?? null,
    batching,
    signature,
    metadata,
    typed: predictor.definition !== undefined,
    input,
    output,
    ...(example === undefined ? {} : { example: JSON.parse(example) as unknown }),
    stats: predictor.stats(),
  };
}
