import { ConfigError, firstAvailable, type LoadProgress, type Predictor } from "@predikt/core";
import type { AnyDefinition, CreateOptions, CreatePredictor, ModelSpec, RemoteSpec } from "./model-spec.ts";

/** A predictor of whatever input and output. */
export type AnyPredictor = Predictor<unknown, unknown>;

/** What a load is given. */
export type Load = Required<Pick<CreateOptions, "signal" | "onProgress">>;

/**
 * Makes the predictor that a spec asks for: by the app's `create`, by `httpPredictor`, or the first of several.
 *
 * @throws What those throw; ConfigError CONFIG_INVALID for a spec that says neither `source` nor `url` nor `prefer`.
 */
export async function openModel(spec: ModelSpec, create: CreatePredictor["create"], load: Load): Promise<AnyPredictor> {
  if ("prefer" in spec) {
    const { definition, prefer } = spec;
    const candidates = prefer as readonly ModelSpec[];
    return firstAvailable(
      candidates.map((candidate) => () => openModel({ definition, ...candidate } as ModelSpec, create, load)),
      load,
    );
  }
  const { definition, ...options } = spec;
  if ("url" in options) {
    const { httpPredictor } = await import("@predikt/core/client");
    const { url, ...rest } = options as Omit<RemoteSpec, "definition">;
    return httpPredictor(definition as AnyDefinition, url, rest);
  }
  if (!("source" in options)) throw new ConfigError("spec", "source, url or prefer", "neither");
  const { onProgress } = options as { onProgress?: (progress: LoadProgress) => void };
  const both = (progress: LoadProgress): void => {
    onProgress?.(progress);
    load.onProgress?.(progress);
  };
  const all = { ...options, ...load, onProgress: both } as CreateOptions;
  // The runtimes take a model without a definition by its options alone.
  const made =
    definition === undefined ? (create as unknown as (options: CreateOptions) => unknown)(all) : create(definition as AnyDefinition, all);
  return (await made) as AnyPredictor;
}
