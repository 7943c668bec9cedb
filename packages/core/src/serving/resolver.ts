import { ConfigError, ModelError } from "../errors/index.ts";
import type { AnyPredictor, ModelResolver, ServedModel } from "../types/index.ts";

/** What `models` names, as a resolver. @throws ConfigError CONFIG_INVALID */
export function toResolver(models: readonly AnyPredictor[] | ModelResolver): ModelResolver {
  if (Array.isArray(models)) return listResolver(models as readonly AnyPredictor[]);
  if (typeof (models as Partial<ModelResolver> | undefined)?.resolve === "function") return models as ModelResolver;
  throw new ConfigError("models", "a list of predictors, or a resolver", models === null ? "null" : typeof models);
}

/** Makes a resolver of a list. Of several versions of one name, the first answers where a request asks for none; its label is `stable`. */
function listResolver(models: readonly AnyPredictor[]): ModelResolver {
  const served: ServedModel[] = [];
  const byName = new Map<string, ServedModel[]>();
  for (const [index, predictor] of models.entries()) {
    if (typeof predictor?.info?.name !== "string") throw notPredictor(index, predictor);
    const { name, version } = predictor.info;
    const versions = byName.get(name) ?? [];
    if (versions.some((other) => other.version === version))
      throw new ConfigError("models", "one predictor for each name and version", `two of "${name}" version "${version}"`);
    const model = { name, version, labels: versions.length === 0 ? ["stable"] : [], predictor };
    byName.set(name, [...versions, model]);
    served.push(model);
  }
  return {
    resolve(name, { version, label }) {
      const versions = byName.get(name);
      if (versions === undefined) throw notFound(`model "${name}"`, [...byName.keys()]);
      if (version === undefined && label === undefined) return (versions[0] as ServedModel).predictor;
      const found = versions.find(
        (model) => (version === undefined || model.version === version) && (label === undefined || model.labels.includes(label)),
      );
      if (found !== undefined) return found.predictor;
      if (version !== undefined)
        throw notFound(
          `version "${version}" of model "${name}"`,
          versions.map((model) => model.version),
        );
      throw notFound(
        `label "${label}" of model "${name}"`,
        versions.flatMap((model) => model.labels),
      );
    },
    list: () => served,
  };
}

function notPredictor(index: number, given: unknown): ConfigError {
  const isPromise = typeof (given as { then?: unknown } | undefined)?.then === "function";
  return new ConfigError(`models[${index}]`, "a predictor", isPromise ? "a promise of one: await it" : typeof given);
}

function notFound(what: string, known: readonly string[]): ModelError {
  return new ModelError("MODEL_NOT_FOUND", `${what}: not served here; there is ${known.map((name) => `"${name}"`).join(", ") || "none"}`);
}
