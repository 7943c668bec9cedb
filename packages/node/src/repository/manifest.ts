import type { ModelConfig, Rollback, Shadow, Traffic, VersionPolicy } from "@predikt/core/registry";
import type { NodePredictorOptions } from "../backend/create-predictor.ts";

/** An input of a model whose answer is known: it is checked before a version serves. */
export interface GoldenEntry {
  /** What `predict` takes: named tensors as nested arrays, or the definition's input. */
  readonly inputs: unknown;
  /** What it must give: named tensors as nested or flat arrays, or the definition's output. What it does not name is not looked at. */
  readonly outputs: unknown;
  /** How far each number may be off: `|a − b| ≤ tolerance × max(1, |expected|)`; those of integer tensors never. Default: 1e-3. */
  readonly tolerance?: number | undefined;
}

/** Options of `createPredictor` that a model's predikt.json may set. They come before those that `openRepository` was given. */
export type ManifestPredictorOptions = Pick<
  NodePredictorOptions,
  | "device"
  | "execution"
  | "threads"
  | "maxWorkers"
  | "maxOpenMs"
  | "maxRunMs"
  | "maxRssBytes"
  | "batching"
  | "queueLimit"
  | "timeoutMs"
  | "warmup"
  | "example"
  | "nonFinite"
  | "retryLost"
  | "sessionOptions"
>;

/** What a `predikt.json` may say, beside `$schema`. Every key may be left out. */
export interface ModelManifest extends ManifestPredictorOptions {
  /** The model's file in a version's folder. Default: `model.onnx`. */
  readonly file?: string | undefined;
  /** Version → hex SHA-256 of its model file. */
  readonly sha256?: Readonly<Record<string, string>> | undefined;
  readonly policy?: VersionPolicy | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly traffic?: Traffic | undefined;
  readonly shadow?: Omit<Shadow, "agrees"> | undefined;
  readonly rollback?: Rollback | undefined;
  /** The cases, or the name of a JSON file with a list of them, which is looked for in the version's folder and then in the model's. */
  readonly golden?: readonly GoldenEntry[] | string | undefined;
}

/** The part of a manifest that is the registry's. What a manifest does not say (any more) is taken away. */
export function configOf({ policy, labels, traffic, shadow, rollback }: ModelManifest): ModelConfig {
  return {
    policy: policy ?? { latest: 1 },
    labels: labels ?? null,
    traffic: traffic ?? null,
    shadow: shadow ?? null,
    rollback: rollback ?? null,
  };
}

/** The part of a manifest that is the predictors'. */
export function predictorOptionsOf(manifest: ModelManifest): ManifestPredictorOptions {
  const { file, sha256, policy, labels, traffic, shadow, rollback, golden, ...options } = manifest;
  return options;
}
