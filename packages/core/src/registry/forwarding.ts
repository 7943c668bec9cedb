import type {
  AnyPredictor,
  Definition,
  Prediction,
  PredictOptions,
  Predictor,
  PredictorEvent,
  PredictorInfo,
  PredictorStats,
  RawInputs,
  Tensors,
} from "../types/index.ts";

/** A predictor that hands everything to another one; those that change a part of it extend this. */
export class Forwarding implements Predictor<unknown, unknown> {
  readonly definition: Definition<unknown, unknown> | undefined;
  protected readonly inner: AnyPredictor;

  constructor(inner: AnyPredictor) {
    this.inner = inner;
    this.definition = inner.definition;
  }

  get info(): PredictorInfo {
    return this.inner.info;
  }

  predict(input: unknown, options?: PredictOptions): Promise<unknown> {
    return this.inner.predict(input, options);
  }

  predictMany(inputs: readonly unknown[], options?: PredictOptions): Promise<PromiseSettledResult<unknown>[]> {
    return this.inner.predictMany(inputs, options);
  }

  predictDetailed(input: unknown, options?: PredictOptions): Promise<Prediction<unknown>> {
    return this.inner.predictDetailed(input, options);
  }

  predictEncoded(tensors: RawInputs, options?: PredictOptions): Promise<Prediction<unknown>> {
    return this.inner.predictEncoded(tensors, options);
  }

  run(tensors: RawInputs, options?: PredictOptions): Promise<Tensors> {
    return this.inner.run(tensors, options);
  }

  stats(): PredictorStats {
    return this.inner.stats();
  }

  on(type: string, listener: (event: never) => void): () => void {
    return this.inner.on(type as "*", listener as (event: PredictorEvent) => void);
  }

  warmup(): Promise<void> {
    return this.inner.warmup();
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
