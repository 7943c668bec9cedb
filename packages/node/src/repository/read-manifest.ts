import { basename, join } from "node:path";
import { ConfigError } from "@predikt/core";
import type { GoldenCase } from "@predikt/core/registry";
import { insideOf, isAbsent } from "./inside.ts";
import type { GoldenEntry, ModelManifest } from "./manifest.ts";
import { readJson } from "./read-json.ts";

const manifestBytes = 2 ** 20;
const goldenBytes = 2 ** 26;

/** The name of a model's own file. */
export const manifestName = "predikt.json";

/** A model's manifest, empty where it has none. @throws ConfigError CONFIG_INVALID; BackendError BACKEND_MISSING */
export async function readManifest(root: string, model: string): Promise<ModelManifest> {
  const shown = `${model}/${manifestName}`;
  const path = await find(root, join(root, model, manifestName), shown);
  if (path === undefined) return {};
  const { $schema, ...manifest } = (await readJson(path, shown, manifestBytes, (schemas) => schemas.manifest)) as ModelManifest & {
    readonly $schema?: string;
  };
  return manifest;
}

/** Where a version's golden cases lie, if in a file: in its own folder, else in the model's. @throws ConfigError CONFIG_INVALID where it is in neither */
export async function goldenFile(root: string, model: string, version: string, { golden }: ModelManifest): Promise<string | undefined> {
  if (typeof golden !== "string") return undefined;
  for (const folder of [join(root, model, version), join(root, model)]) {
    const path = await find(root, join(folder, golden), `${model}/${basename(golden)}`);
    if (path !== undefined) return path;
  }
  throw new ConfigError(`${model}/${manifestName}`, `golden: a file in ${model}/${version} or ${model}`, "the name of another");
}

/** A version's golden cases. @throws ConfigError CONFIG_INVALID */
export async function goldenCases(model: string, manifest: ModelManifest, file: string | undefined): Promise<GoldenCase[]> {
  const { golden = [] } = manifest;
  const entries =
    file === undefined
      ? (golden as readonly GoldenEntry[])
      : await readJson(file, `${model}/${golden}`, goldenBytes, (schemas) => schemas.golden);
  return entries.map(({ inputs, outputs, tolerance }) => ({ input: inputs, output: outputs, tolerance }));
}

async function find(root: string, path: string, shown: string): Promise<string | undefined> {
  try {
    const real = await insideOf(root, path);
    if (real === undefined) throw new ConfigError(shown, "a file in the repository", "a link that leads out of it");
    return real;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
