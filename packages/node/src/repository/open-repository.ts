import { realpath, stat } from "node:fs/promises";
import { ConfigError } from "@predikt/core";
import { createRegistry, type Registry } from "@predikt/core/registry";
import { callable, checkRules, duration, isString, oneOf, whole } from "@predikt/core/runtime";
import { checkOptions } from "../backend/check-options.ts";
import { Keeper } from "./keeper.ts";
import type { Repository, RepositoryOptions, RepositoryWarning } from "./options.ts";

const list = (what: string, fits: (value: unknown) => boolean) => ({
  expected: `a list of ${what}`,
  fits: (value: unknown) => Array.isArray(value) && value.every(fits),
});

const ownRules = {
  mode: oneOf("none", "watch", "explicit"),
  load: list("names", isString),
  definitions: list("definitions", (value) => isString((value as { name?: unknown } | undefined)?.name)),
  settleMs: duration,
  pollMs: whole(100, 2 ** 31 - 1),
  onWarning: callable,
  onRegistryEvent: callable,
  drainTimeoutMs: whole(0),
};

/** What createPredictor takes and only one model can have. */
const perModel = ["source", "sha256", "name", "version", "signal", "externalData", "download", "backend", "clock"];

/**
 * Opens a folder of models, `<root>/<model>/<version>/model.onnx`, as a registry: it mounts wherever a list of predictors does. Versions are numbers; a
 * `predikt.json` beside them may say how the model is served. Nothing that is still being written is read, and nothing outside of the folder.
 *
 * Resolves when what it opens at once is READY or UNAVAILABLE: `index()` says which, and why.
 *
 * @throws ConfigError CONFIG_INVALID; of a model in `load`, what `load` throws
 */
export async function openRepository(root: string, options: RepositoryOptions = {}): Promise<Repository> {
  const own = Object.fromEntries(Object.entries(options).filter(([name]) => name in ownRules)) as RepositoryOptions;
  const rest = Object.fromEntries(Object.entries(options).filter(([name]) => !(name in ownRules)));
  checkRules(own, ownRules);
  for (const name of perModel) if (name in rest) throw new ConfigError(name, "no option of all models", "one");
  checkOptions(rest as never);
  const {
    mode = "none",
    load = [],
    definitions = [],
    settleMs = 1000,
    pollMs = 30_000,
    onWarning = emitWarning,
    onRegistryEvent,
    drainTimeoutMs,
  } = own;
  if (load.length > 0 && mode !== "explicit") throw new ConfigError("load", `mode "explicit"`, `mode "${mode}"`);
  const registry = createRegistry({ drainTimeoutMs, onEvent: onRegistryEvent });
  const keeper = new Keeper({
    root: await folderOf(root),
    mode,
    registry,
    settleMs,
    pollMs,
    options: rest,
    onWarning,
    definition: (name) => definitions.find((definition) => definition.name === name),
  });
  try {
    await keeper.open(load);
  } catch (error) {
    await keeper.close();
    throw error;
  }
  return repositoryOf(registry, keeper);
}

function repositoryOf(registry: Registry, keeper: Keeper): Repository {
  return {
    root: keeper.root,
    mode: keeper.mode,
    models: () => keeper.models(),
    load: (name, version) => keeper.load(name, version),
    close: () => keeper.close(),
    [Symbol.asyncDispose]: () => keeper.close(),
    resolve: (name, selector) => registry.resolve(name, selector),
    lease: (name, selector) => registry.lease(name, selector),
    list: () => registry.list(),
    unready: () => registry.unready(),
    onChange: (listener) => registry.onChange(listener),
    setVersions: (name, versions, config) => registry.setVersions(name, versions, config),
    configure: (name, config) => registry.configure(name, config),
    unload: (name, version) => keeper.unload(name, version),
    index: () => registry.index(),
    predictor: ((model: string, selector) => registry.predictor(model, selector)) as Registry["predictor"],
    on: (type, listener) => registry.on(type, listener),
    traffic: (name) => registry.traffic(name),
  };
}

async function folderOf(root: string): Promise<string> {
  try {
    const real = await realpath(root);
    if ((await stat(real)).isDirectory()) return real;
  } catch {
    // Said below.
  }
  throw new ConfigError("root", "a folder of models", "the path of none");
}

function emitWarning({ path, reason }: RepositoryWarning): void {
  process.emitWarning(`model repository: ${path}: ${reason}`);
}
