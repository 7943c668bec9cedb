import { LifecycleError, type PrediktError } from "../../errors/index.ts";
import type { AnyPredictor, ModelSelector, VersionStatus } from "../../types/index.ts";
import type { Host } from "../protocol.ts";
import { indexOf, type Repository, unreadiness } from "../readiness.ts";
import { packageVersion } from "../version.ts";
import { modelMetadata, type OipModelMetadata } from "./metadata.ts";
import { createStatistics, type ModelStatistics } from "./statistics.ts";

/** The server as OIP's metadata has it. */
export interface OipServerMetadata {
  readonly name: string;
  readonly version: string;
  readonly extensions: readonly string[];
}

/** What OIP asks of a server besides inference, whatever carries it. */
export interface OipService {
  /** Why the server is not ready; undefined where it is. */
  unreadiness(): PrediktError | undefined;
  serverMetadata(): OipServerMetadata;
  /** @throws ModelError MODEL_NOT_FOUND; LifecycleError NOT_READY where that version is known and does not answer yet */
  assertModelReady(name: string, selector: ModelSelector): void;
  /** @throws as {@link assertModelReady} */
  modelMetadata(name: string, selector: ModelSelector): OipModelMetadata;
  /** Of one version, of all of a model's, or of every model. @throws ModelError MODEL_NOT_FOUND */
  statistics(name?: string, version?: string): readonly ModelStatistics[];
  /** Every version known, or those that are READY. */
  index(readyOnly: boolean): readonly VersionStatus[];
  /** Loads a model again; undefined where nothing can. Rejects with what loading throws. */
  readonly load: ((name: string) => Promise<void>) | undefined;
  /** Takes a model out of service; undefined where nothing can. */
  readonly unload: ((name: string) => Promise<void>) | undefined;
  /** Ends the statistics. */
  close(): void;
}

/** Makes the service. `load` and `unload` are there where control is allowed and the resolver has them. */
export function createOipService(host: Pick<Host, "resolver" | "title" | "isDraining">, control: boolean): OipService {
  const resolver = host.resolver as Host["resolver"] & Repository;
  const statistics = createStatistics(resolver);
  const find = (name: string, selector: ModelSelector): AnyPredictor => {
    const predictor = resolver.resolve(name, selector);
    const { state } = predictor.info;
    if (state !== "ready") throw new LifecycleError("NOT_READY", `model "${name}" is ${state}`);
    return predictor;
  };
  const extensions = ["binary_tensor_data", "classification", "parameters", "schedule_policy", "statistics"];
  return {
    unreadiness: () => unreadiness(host),
    serverMetadata: () => ({
      name: host.title,
      version: packageVersion,
      extensions: control ? [...extensions, "model_repository"] : extensions,
    }),
    assertModelReady: (name, selector) => void find(name, selector),
    modelMetadata: (name, selector) => modelMetadata(name, resolver.resolve(name, selector), resolver.list()),
    statistics(name, version) {
      const models = resolver
        .list()
        .filter((model) => (name === undefined || model.name === name) && (version === undefined || model.version === version));
      // The resolver has its own words for what it has not.
      if (models.length === 0 && name !== undefined) resolver.resolve(name, { version });
      return models.map(({ predictor }) => statistics.of(predictor));
    },
    index: (readyOnly) => indexOf(resolver).filter(({ state }) => !readyOnly || state === "READY"),
    load: control ? resolver.load?.bind(resolver) : undefined,
    unload: control ? resolver.unload?.bind(resolver) : undefined,
    close: () => statistics.close(),
  };
}
