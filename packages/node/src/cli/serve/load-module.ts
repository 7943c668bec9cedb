import { pathToFileURL } from "node:url";
import type { AnyPredictor, ModelResolver } from "@predikt/core/serving";
import { Failure } from "../lib/failure.ts";
import type { OpenModels } from "./open-models.ts";

/**
 * Takes what a module exports: predictors, lists of them, or one registry; as its default or under names; promises of them, and functions that give them,
 * are taken too.
 *
 * @throws Failure where it cannot be imported or exports nothing of the kind
 */
export async function loadModule(path: string): Promise<OpenModels> {
  const exported = await importModule(path);
  const found: unknown[] = [];
  // A CommonJS module's exports stand twice: as the default and under their names.
  for (const value of new Set(Object.values(exported).flatMap(spread))) found.push(...spread(await (isFactory(value) ? value() : value)));
  const resolvers = [...new Set(found.filter(isResolver))];
  const predictors = [...new Set(found.filter(isPredictor))];
  const [resolver] = resolvers;
  if (resolvers.length > 1 || (resolver !== undefined && predictors.length > 0))
    throw new Failure(`${path} exports more than one registry, or predictors beside one: export either`);
  if (resolver !== undefined) return { models: resolver, close: async () => (resolver as { close?: () => unknown }).close?.() };
  if (predictors.length === 0) {
    const names = Object.keys(exported).join(", ") || "nothing";
    throw new Failure(`${path} exports no predictor and no registry, but ${names}: export default await createPredictor(…)`);
  }
  return { models: predictors, close: () => Promise.all(predictors.map((predictor) => predictor.close())) };
}

async function importModule(path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (cause) {
    const { code, message } = cause as { code?: string; message?: string };
    const why =
      code === "ERR_UNKNOWN_FILE_EXTENSION"
        ? "this Node reads no TypeScript; Node 22.18 and later do, or compile it"
        : (message ?? String(cause));
    throw new Failure(`${path} cannot be imported: ${why}`, { cause });
  }
}

function spread(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function isFactory(value: unknown): value is () => unknown {
  return typeof value === "function" && value.length === 0 && !/^class\b/.test(Function.prototype.toString.call(value));
}

function isPredictor(value: unknown): value is AnyPredictor {
  const { predict, info } = (value ?? {}) as Partial<AnyPredictor>;
  return typeof predict === "function" && typeof info?.name === "string";
}

function isResolver(value: unknown): value is ModelResolver {
  const { resolve, list } = (value ?? {}) as Partial<ModelResolver>;
  return typeof resolve === "function" && typeof list === "function";
}
