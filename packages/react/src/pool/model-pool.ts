import { type Clock, ConfigError, type Predictor, systemClock } from "@predikt/core";
import type { CreatePredictor, ModelRef, ModelSpec, ModelSpecs } from "./model-spec.ts";
import { idleModel, type ModelState } from "./model-state.ts";
import { SharedModel } from "./shared-model.ts";
import { isDefinition, stableKey } from "./stable-key.ts";
import { SuspenseCache } from "./suspense-cache.ts";

/** Options of `createModelPool`. */
export interface ModelPoolOptions extends CreatePredictor {
  /** The models that may be used by name or definition. Default: none. */
  readonly models?: ModelSpecs | undefined;
  /** Milliseconds that a model stays loaded after its last user has gone. At least 0; `Infinity` keeps it until `close()`. Default: 300,000. */
  readonly gcTimeMs?: number | undefined;
  /** Time and timers. Default: the platform's. */
  readonly clock?: Clock | undefined;
}

/** What is done with a model. The functions are the same on every render; a rejection that nobody handles goes by in silence, since the state tells it. */
export interface ModelActions<Input, Output> {
  /** Loads the model unless it is loaded or being loaded. */
  readonly load: () => Promise<Predictor<Input, Output>>;
  /** Loads the model again after an error. Inputs whose prediction failed because it could not be loaded are predicted then. */
  readonly retry: () => Promise<Predictor<Input, Output>>;
  /** Closes the model for all who use it. Their next prediction loads it again. */
  readonly unload: () => Promise<void>;
}

/** A model as one user sees it. It holds nothing: the pool may have closed the model and load it again. */
export interface ModelHandle<Input = unknown, Output = unknown> {
  /** The model's identity. */
  readonly key: string;
  readonly clock: Clock;
  readonly getState: () => ModelState;
  /** Calls the listener after each change; until the returned function is called, the model has a user. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly hold: () => () => void;
  /** @param rests Whether soon after a load that failed that one's error is given: for what nobody asked for by hand. */
  readonly load: (rests?: boolean) => Promise<Predictor<Input, Output>>;
  /** What components do with it. */
  readonly actions: ModelActions<Input, Output>;
}

/** A reference and what it stands for. */
export interface Resolved {
  readonly key: string;
  /** Throws ConfigError CONFIG_INVALID where no model is meant. */
  readonly spec: () => ModelSpec;
}

/**
 * The models of an app: each is loaded once however many components use it, and closed once when none has for `gcTimeMs`. A provider makes one of its own;
 * make one with `createModelPool` to use it outside of components too. No React in it.
 */
export class ModelPool {
  /** What `create`, `models` and `gcTimeMs` are now. */
  options: ModelPoolOptions;
  readonly clock: Clock;
  /** Predictions that components suspend for. */
  readonly suspense: SuspenseCache;
  readonly #shared = new Map<string, SharedModel>();
  #holders = 0;

  constructor(options: ModelPoolOptions) {
    this.options = options;
    this.clock = options.clock ?? systemClock;
    this.suspense = new SuspenseCache(this.clock);
  }

  get gcTimeMs(): number {
    return this.options.gcTimeMs ?? 300_000;
  }

  /** The model that a reference means, among the pool's own unless others are given. */
  resolve(ref: ModelRef<never, never> | string, models: ModelSpecs = this.options.models ?? {}): Resolved {
    const isName = typeof ref === "string";
    const spec = isName ? models[ref] : isDefinition(ref) ? Object.values(models).find(({ definition }) => definition === ref) : ref;
    if (spec !== undefined) return { key: stableKey(spec), spec: () => spec as ModelSpec };
    const missing = (): never => {
      const name = isName ? ref : (ref as { readonly name?: unknown }).name;
      throw new ConfigError("models", `an entry "${name}"`, Object.keys(models).join(", ") || "none");
    };
    return { key: `?${stableKey(ref)}`, spec: missing };
  }

  /** A handle on a model that was resolved. */
  handle<Input, Output>({ key, spec }: Resolved): ModelHandle<Input, Output> {
    const shared = (): SharedModel => this.#shared.get(key) ?? this.#add(key, spec);
    const load = (rests?: boolean): Promise<Predictor<Input, Output>> => shared().load(rests) as Promise<Predictor<Input, Output>>;
    return {
      key,
      clock: this.clock,
      getState: () => this.#shared.get(key)?.getState() ?? idleModel,
      subscribe: (listener) => shared().subscribe(listener),
      hold: () => shared().hold(),
      load,
      actions: { load: () => load(), retry: () => load(), unload: async () => this.#shared.get(key)?.unload() },
    };
  }

  /** Keeps the models open until the returned function is called, once. */
  hold(): () => void {
    this.#holders++;
    return () => {
      this.#holders--;
      // React's strict mode lets go and takes hold again at once; only one who stays away closes.
      queueMicrotask(() => {
        if (this.#holders === 0) void this.close();
      });
    };
  }

  /** Closes every model: loads are aborted, runs under way finished. A model that is used afterwards is loaded again. */
  async close(): Promise<void> {
    this.suspense.clear();
    await Promise.all([...this.#shared.values()].map((model) => model.unload()));
  }

  #add(key: string, spec: () => ModelSpec): SharedModel {
    const added = new SharedModel(spec, this, (dropped) => {
      if (this.#shared.get(key) === dropped) this.#shared.delete(key);
    });
    this.#shared.set(key, added);
    return added;
  }
}

/** Makes a pool of models that lives as long as the app wants; close it with `close()`. */
export function createModelPool(options: ModelPoolOptions): ModelPool {
  return new ModelPool(options);
}

/** Loads a model before anything needs it, and keeps it for at least `gcTimeMs`. @throws What loading it throws */
export function preloadModel<Input, Output>(pool: ModelPool, model: ModelRef<Input, Output> | string): Promise<Predictor<Input, Output>> {
  return pool.handle<Input, Output>(pool.resolve(model as ModelRef<never, never>)).load();
}
