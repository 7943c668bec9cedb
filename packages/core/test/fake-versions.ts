import { createPredictor } from "../src/predictor/index.ts";
import type { VersionSource } from "../src/registry/index.ts";
import { type FakeBackend, type FakeBackendOptions, fakeBackend } from "../src/testing/index.ts";
import type { AbortLike, AnyPredictor, Clock, Tensors } from "../src/types/index.ts";

/** A version whose model multiplies by its number, and which remembers how it was opened. */
export interface FakeVersion extends VersionSource {
  readonly backend: FakeBackend;
  /** The signals of its loads, one for each. */
  readonly signals: readonly AbortLike[];
  readonly predictors: readonly AnyPredictor[];
  /** Lets loads that are held go on, or fail. */
  go(error?: Error): void;
}

interface Options extends FakeBackendOptions, Partial<Omit<VersionSource, "version" | "open">> {
  readonly factor?: number;
  readonly clock?: Clock;
  readonly queueLimit?: number;
  /** Holds each load until `go()`. */
  readonly slow?: boolean;
  /** Fails each load. */
  readonly error?: Error;
}

/** Makes a {@link FakeVersion}. */
export function fakeVersion(version: string, options: Options = {}): FakeVersion {
  const { factor = Number(version), slow, error, revision, golden, clock, queueLimit, ...backendOptions } = options;
  const backend = fakeBackend({ compute: (feeds) => times(feeds, factor), ...backendOptions });
  const signals: AbortLike[] = [];
  const predictors: AnyPredictor[] = [];
  const waiting: ((error?: Error) => void)[] = [];
  return {
    version,
    revision,
    golden,
    backend,
    signals,
    predictors,
    go(thrown) {
      for (const next of waiting.splice(0)) next(thrown);
    },
    async open(signal) {
      signals.push(signal);
      if (slow) await new Promise<void>((resolve, reject) => waiting.push((thrown) => (thrown === undefined ? resolve() : reject(thrown))));
      if (error !== undefined) throw error;
      const predictor = (await createPredictor({ backend, source: "m", name: "m", version, clock, queueLimit })) as unknown as AnyPredictor;
      predictors.push(predictor);
      return predictor;
    },
  };
}

/** The first input's elements times a factor, as output `y`. */
export function times(feeds: Tensors, factor: number): Tensors {
  const { type, data, dims } = Object.values(feeds)[0] as { type: "float32"; data: Float32Array; dims: readonly number[] };
  return { y: { type, data: data.map((value) => value * factor), dims } };
}

/** What a model of {@link fakeVersion} says of `x`: which version answered. */
export async function ask(predictor: AnyPredictor, x = 1, options = {}): Promise<number> {
  const { y } = (await predictor.predict({ x: [[x]] }, options)) as Tensors<"y">;
  return Number(y.data[0]);
}
