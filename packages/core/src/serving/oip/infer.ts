import { mismatch } from "../../errors/mismatch.ts";
import { record } from "../../tensor/rows.ts";
import type { AnyPredictor, PredictOptions, Tensor, TensorSpec } from "../../types/index.ts";
import { factsOf } from "../facts.ts";
import { asAsked, optionsNow } from "../time-left.ts";
import type { OipParameters } from "../wire/oip/index.ts";
import { classify } from "./classification.ts";
import { withParameters } from "./parameters.ts";

/** A named tensor. */
export interface OipTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/** An output that a request asks for. */
export interface RequestedOutput {
  readonly name: string;
  readonly parameters?: OipParameters | undefined;
}

/** What an OIP request asks of a model, whatever carried it. */
export interface OipInference {
  /** They need not fit the model yet. */
  readonly inputs: readonly OipTensor[];
  /** The outputs in the order wanted. Default, and where it is empty: all of them in the model's. */
  readonly outputs?: readonly RequestedOutput[] | undefined;
  /** `priority` and `timeout` are heeded. */
  readonly parameters?: OipParameters | undefined;
  /** What else is said of the call; `timeoutMs` counts from `arrivedAt`. With `transfer` the inputs' memory is taken over. */
  readonly options: PredictOptions;
  /** When the request came, on `performance.now()`'s scale. Default: now. */
  readonly arrivedAt?: number | undefined;
}

/**
 * Runs a model on tensors as an OIP request asks: its outputs in the order wanted, or the best classes of one where its parameter `classification` asks
 * for them. A definition's `encode` and `decode` play no part.
 *
 * @throws What `predictor.run` throws; InputError INPUT_UNKNOWN, INPUT_VALUE or INPUT_DTYPE for outputs and parameters that do not fit.
 */
export async function inferOip(predictor: AnyPredictor, ask: OipInference): Promise<readonly OipTensor[]> {
  const { inputs, parameters, arrivedAt = performance.now() } = ask;
  const { outputs = [] } = ask;
  assertOutputs(factsOf(predictor).signature.outputs, outputs);
  const timed = { options: parameters === undefined ? ask.options : withParameters(ask.options, parameters), arrivedAt };
  const feeds = record();
  for (const [index, { name, tensor }] of inputs.entries()) {
    if (feeds[name] !== undefined) throw mismatch("INPUT_VALUE", `inputs[${index}].name`, "each name once", "one that came before");
    feeds[name] = tensor;
  }
  try {
    const results = await predictor.run(feeds, optionsNow(timed));
    const wanted: readonly RequestedOutput[] = outputs.length > 0 ? outputs : factsOf(predictor).signature.outputs;
    return wanted.map(({ name, parameters: own }, index) => {
      const tensor = results[name] as Tensor;
      const count = own?.["classification"];
      return { name, tensor: count === undefined ? tensor : classify(tensor, count, `outputs[${index}].parameters.classification`) };
    });
  } catch (thrown) {
    throw asAsked(thrown, timed);
  }
}

/** @throws InputError INPUT_UNKNOWN or INPUT_VALUE */
function assertOutputs(specs: readonly TensorSpec[], requested: readonly RequestedOutput[]): void {
  const seen = new Set<string>();
  for (const [index, { name }] of requested.entries()) {
    const path = `outputs[${index}].name`;
    if (!specs.some((spec) => spec.name === name))
      throw mismatch("INPUT_UNKNOWN", path, `one of ${specs.map((spec) => `"${spec.name}"`).join(", ")}`, "another name");
    if (seen.has(name)) throw mismatch("INPUT_VALUE", path, "each output once", "one that came before");
    seen.add(name);
  }
}
