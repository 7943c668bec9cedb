import type { Definition } from "@predikt/core";
import type { Registry, RegistryOptions } from "@predikt/core/registry";
import type { NodePredictorOptions } from "../backend/create-predictor.ts";

/**
 * - `"none"`: what lies there when it is opened.
 * - `"watch"`: follows the files.
 * - `"explicit"`: what `load` names, and what is loaded and unloaded later.
 */
export type RepositoryMode = "none" | "watch" | "explicit";

/** Something in a repository that is not used, and why. */
export interface RepositoryWarning {
  /** Where, from the root. */
  readonly path: string;
  readonly reason: string;
}

/** Options of {@link openRepository}: its own, and those of `createPredictor` that all models shall have unless their predikt.json says otherwise. */
export interface RepositoryOptions
  extends Omit<NodePredictorOptions, "source" | "sha256" | "name" | "version" | "signal" | "externalData" | "download" | "clock">,
    Pick<RegistryOptions, "drainTimeoutMs"> {
  /** Default: `"none"`. */
  readonly mode?: RepositoryMode | undefined;
  /** In mode `"explicit"`: the models to load at once. Default: none. */
  readonly load?: readonly string[] | undefined;
  /** Definitions of models that have one, found by their names. The others are served raw. */
  readonly definitions?: readonly Definition<unknown, unknown>[] | undefined;
  /**
   * How long files must have been left alone, in milliseconds, before they are read, and must have been gone before what they hold is unloaded. Minimum
   * 1, default 1000.
   */
  readonly settleMs?: number | undefined;
  /** In mode `"watch"`: milliseconds between two looks at everything, for file systems that do not tell of changes. Minimum 100, default 30,000. */
  readonly pollMs?: number | undefined;
  /** Hears of what is ignored or refused, once each. Default: `process.emitWarning`. */
  readonly onWarning?: ((warning: RepositoryWarning) => void) | undefined;
  /** Hears the registry's events from the first load on; a predictor's own are heard by `predictor.on`. */
  readonly onRegistryEvent?: RegistryOptions["onEvent"];
}

/** A model's folder. */
export interface RepositoryModel {
  readonly name: string;
  /** Those on disk that can be loaded, the latest first. */
  readonly versions: readonly string[];
}

/** A registry of what lies in a folder. */
export interface Repository extends Registry {
  /** The folder's real path. */
  readonly root: string;
  readonly mode: RepositoryMode;
  /** What lies on disk as far as was seen, by name. */
  models(): readonly RepositoryModel[];
  /**
   * Looks at a model's folder again and opens what its predikt.json asks for: what is new, has changed, or was unloaded. With `version`, that one, whatever
   * the policy says.
   *
   * @throws ModelError MODEL_NOT_FOUND; ConfigError CONFIG_INVALID where predikt.json is wrong; LifecycleError CLOSED, NOT_READY where its files are still
   * being written; what opening or the golden cases threw
   */
  load(name: string, version?: string): Promise<void>;
}
