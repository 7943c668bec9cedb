import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { UsageError } from "../lib/failure.ts";

/** A config file's settings by their key, e.g. `batching.maxBatchSize`. */
export interface ConfigFile {
  readonly path: string;
  readonly values: ReadonlyMap<string, unknown>;
}

const usual = ["predikt.config.json", "predikt.config.mjs"];

/**
 * Reads a config file: the one named, else `predikt.config.json` or `predikt.config.mjs` of the folder; undefined where there is none.
 *
 * @throws UsageError where it is not there, cannot be read, or is not an object
 */
export async function readConfigFile(named: string | undefined, folder: string): Promise<ConfigFile | undefined> {
  if (named !== undefined) return { path: named, values: flat(await load(resolve(folder, named), named), named) };
  const found = usual.filter((name) => existsSync(resolve(folder, name)));
  if (found.length > 1) throw new UsageError(`${found.join(" and ")}: there are two config files here; name one with --config`);
  const [name] = found;
  return name === undefined ? undefined : { path: name, values: flat(await load(resolve(folder, name), name), name) };
}

async function load(path: string, name: string): Promise<unknown> {
  if (!existsSync(path)) throw new UsageError(`there is no config file ${name}`);
  if (extname(path) !== ".json") {
    if (![".mjs", ".js"].includes(extname(path))) throw new UsageError(`config file ${name}: expected .json or .mjs`);
    const module = (await failing(name, () => import(pathToFileURL(path).href))) as { readonly default?: unknown };
    return module.default;
  }
  const text = await failing(name, () => readFile(path, "utf8"));
  return failing(name, async () => JSON.parse(text) as unknown);
}

async function failing<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new UsageError(`config file ${name} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Two objects of settings may lie in it; everything else is a value. */
function flat(config: unknown, name: string): Map<string, unknown> {
  if (typeof config !== "object" || config === null || Array.isArray(config))
    throw new UsageError(`config file ${name}: expected an object of settings${name.endsWith(".json") ? "" : " as its default export"}`);
  const values = new Map<string, unknown>();
  for (const [key, value] of Object.entries(config)) {
    const inner = typeof value === "object" && value !== null && !Array.isArray(value);
    if (!inner) values.set(key, value);
    else for (const [name, each] of Object.entries(value as object)) values.set(`${key}.${name}`, each);
  }
  values.delete("$schema");
  return values;
}
