import { ConfigError, LifecycleError } from "../errors/index.ts";
import { checkName } from "../model/check-name.ts";
import { systemClock } from "../predictor/clock.ts";
import { Emitter } from "../predictor/emitter.ts";
import { must, mustKnow } from "../tensor/index.ts";
import type { AnyPredictor, Lease, ModelSelector, Predictor, ServedModel } from "../types/index.ts";
import { checkSources } from "./check-config.ts";
import type { RegistryEvent } from "./events.ts";
import { Following } from "./following.ts";
import { Model, type ModelHost } from "./model.ts";
import type { TrafficReport } from "./report.ts";
import { notFound } from "./routing.ts";
import type { ModelConfig, ModelVersion, Registry, RegistryOptions, VersionSource } from "./types.ts";

/**
 * Makes a registry: models, each in several versions, that open, swap and close while others answer.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function createRegistry(options: RegistryOptions = {}): Registry {
  return new VersionRegistry(options);
}

class VersionRegistry implements Registry {
  readonly #models = new Map<string, Model>();
  readonly #events = new Emitter<RegistryEvent>();
  readonly #listeners = new Set<() => void>();
  readonly #host: Omit<ModelHost, "emptied">;
  #closing: Promise<void> | undefined;

  constructor(options: RegistryOptions) {
    mustKnow(options, ["models", "drainTimeoutMs", "onEvent", "clock", "random"]);
    const { models = [], drainTimeoutMs = 60_000, onEvent, clock = systemClock, random = Math.random } = options;
    must(typeof drainTimeoutMs === "number" && drainTimeoutMs >= 0, "drainTimeoutMs", "milliseconds ≥ 0", drainTimeoutMs);
    must(Array.isArray(models), "models", "a list of predictors", models);
    if (onEvent !== undefined) this.#events.on("*", onEvent);
    this.#host = { clock, random, drainTimeoutMs, emit: (event) => this.#events.emit(event), changed: () => this.#changed() };
    for (const [name, predictors] of byName(models)) this.#model(name).adopt(predictors);
  }

  resolve(name: string, selector: ModelSelector): AnyPredictor {
    return this.#known(name).resolve(selector);
  }

  lease(name: string, selector: ModelSelector): Lease {
    return (this.#models.get(name) ?? this.#known(name)).lease(selector);
  }

  list(): readonly ServedModel[] {
    return [...this.#models.values()].flatMap(({ served }) => served);
  }

  unready(): readonly { readonly name: string; readonly state: string }[] {
    return [...this.#models.values()].flatMap(({ name, unready: state }) => (state === undefined ? [] : [{ name, state }]));
  }

  onChange(listener: () => void): () => void {
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  async setVersions(name: string, versions: readonly VersionSource[], config: ModelConfig = {}): Promise<void> {
    this.#mustBeOpen();
    checkName("name", name);
    checkSources(versions);
    await this.#model(name).setVersions(versions, config);
  }

  configure(name: string, config: ModelConfig): void {
    this.#known(name).configure(config);
  }

  async load(name: string, version?: string): Promise<void> {
    await this.#known(name).load(version);
  }

  async unload(name: string, version?: string): Promise<void> {
    await this.#known(name).unload(version);
  }

  index(): readonly ModelVersion[] {
    return [...this.#models.values()].flatMap((model) => model.index());
  }

  predictor<Input, Output>(model: string | { readonly name: string }, selector: ModelSelector = {}): Predictor<Input, Output> {
    return new Following(this, typeof model === "string" ? model : model.name, selector) as unknown as Predictor<Input, Output>;
  }

  on(type: string, listener: (event: never) => void): () => void {
    return this.#events.on(type, listener as (event: RegistryEvent) => void);
  }

  traffic(name: string): TrafficReport | undefined {
    return this.#known(name).traffic();
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([...this.#models.values()].map((model) => model.close())).then(() => {});
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #known(name: string): Model {
    const model = this.#models.get(name);
    if (model !== undefined) return model;
    this.#mustBeOpen();
    throw notFound(`model "${name}"`, [...this.#models.keys()]);
  }

  #model(name: string): Model {
    const known = this.#models.get(name);
    if (known !== undefined) return known;
    const model: Model = new Model(name, {
      ...this.#host,
      emptied: () => {
        if (this.#models.get(name) !== model) return;
        this.#models.delete(name);
        this.#changed();
      },
    });
    this.#models.set(name, model);
    return model;
  }

  #mustBeOpen(): void {
    if (this.#closing !== undefined) throw new LifecycleError("CLOSED", "the registry is closed");
  }

  #changed(): void {
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

function byName(predictors: readonly AnyPredictor[]): Map<string, AnyPredictor[]> {
  const models = new Map<string, AnyPredictor[]>();
  for (const [i, predictor] of predictors.entries()) {
    must(typeof predictor?.info?.name === "string", `models[${i}]`, "a predictor that is open", predictor);
    const { name, version } = predictor.info;
    const versions = models.get(name) ?? [];
    if (versions.some(({ info }) => info.version === version))
      throw new ConfigError("models", "one predictor for each name and version", `two of "${name}" version "${version}"`);
    models.set(name, [...versions, predictor]);
  }
  return models;
}
