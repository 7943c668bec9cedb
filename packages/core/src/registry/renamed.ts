import type { AnyPredictor, ModelIdentity, Prediction, PredictOptions, PredictorInfo, RawInputs } from "../types/index.ts";
import { Forwarding } from "./forwarding.ts";

/** A predictor under the name and version that a registry has it by, where it was opened with others. */
export function named(predictor: AnyPredictor, name: string, version: string): AnyPredictor {
  const { info } = predictor;
  return info.name === name && info.version === version ? predictor : new Renamed(predictor, name, version);
}

class Renamed extends Forwarding {
  readonly #name: string;
  readonly #version: string;

  constructor(inner: AnyPredictor, name: string, version: string) {
    super(inner);
    this.#name = name;
    this.#version = version;
  }

  override get info(): PredictorInfo {
    return this.#under(this.inner.info);
  }

  override async predictDetailed(input: unknown, options?: PredictOptions): Promise<Prediction<unknown>> {
    return this.#renamed(await this.inner.predictDetailed(input, options));
  }

  override async predictEncoded(tensors: RawInputs, options?: PredictOptions): Promise<Prediction<unknown>> {
    return this.#renamed(await this.inner.predictEncoded(tensors, options));
  }

  #renamed(prediction: Prediction<unknown>): Prediction<unknown> {
    return { ...prediction, model: this.#under(prediction.model) };
  }

  #under<Identity extends ModelIdentity>(identity: Identity): Identity {
    return { ...identity, name: this.#name, version: this.#version };
  }
}
