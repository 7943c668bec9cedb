import { ConfigError, type Definition, type ModelSource, type Predictor } from "@predikt/core";

/** One model that components may use: its definition, where its bytes come from, and any option of the app's `create`. */
export interface ModelEntry {
  readonly definition: Definition<unknown, unknown>;
  readonly source: ModelSource;
  readonly [option: string]: unknown;
}

/**
 * Makes a predictor: `createPredictor` of `@predikt/node` or of a browser runtime, or any function of that form. Its options are a
 * {@link ModelEntry} without the definition.
 */
export interface CreatePredictor {
  // A method, so that a function with narrower options fits.
  create(definition: Definition<unknown, unknown>, options: { readonly source: ModelSource }): unknown;
}

/** The models of one provider, by name. */
export type ModelEntries = Readonly<Record<string, ModelEntry>>;

/** Holds one predictor per model, loaded when first needed and closed when nobody is left. No React in it. */
export class PredictorStore {
  /** Read when a model is first needed. */
  models: ModelEntries;
  readonly #create: CreatePredictor["create"];
  readonly #loaded = new Map<Definition<unknown, unknown>, Promise<Predictor<unknown, unknown>>>();
  #holders = 0;

  constructor(create: CreatePredictor["create"], models: ModelEntries) {
    this.#create = create;
    this.models = models;
  }

  /** The predictor of a definition; the same one for every caller. A failed load is forgotten, so that the next call tries anew. */
  load<Input, Output>(definition: Definition<Input, Output>): Promise<Predictor<Input, Output>> {
    const key: Definition<unknown, unknown> = definition;
    let loading = this.#loaded.get(key);
    if (loading === undefined) {
      loading = this.#open(key);
      this.#loaded.set(key, loading);
      loading.catch(() => this.#loaded.delete(key));
    }
    return loading as unknown as Promise<Predictor<Input, Output>>;
  }

  /** Keeps the predictors open until the returned function is called, and by that holder only. */
  hold(): () => void {
    this.#holders++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holders--;
      // React's strict mode lets go and takes hold again at once; only one who stays away closes.
      queueMicrotask(() => {
        if (this.#holders === 0) this.#closeAll();
      });
    };
  }

  async #open(definition: Definition<unknown, unknown>): Promise<Predictor<unknown, unknown>> {
    const entry = Object.values(this.models).find((model) => model.definition === definition);
    if (entry === undefined) {
      throw new ConfigError("models", `an entry for the definition "${definition.name}"`, Object.keys(this.models).join(", ") || "none");
    }
    const { definition: _, ...options } = entry;
    return (await this.#create(definition, options)) as Predictor<unknown, unknown>;
  }

  #closeAll(): void {
    const closing = [...this.#loaded.values()];
    this.#loaded.clear();
    for (const loading of closing) {
      void loading.then(
        (predictor) => predictor.close(),
        () => undefined,
      );
    }
  }
}
