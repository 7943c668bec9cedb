import type { Definition, Device, LoadProgress, ModelSource } from "@predikt/core";
import type { HttpPredictorOptions } from "@predikt/core/client";

/** A definition of whatever input and output. */
export type AnyDefinition = Definition<unknown, unknown>;

/** What a definition takes. */
export type InputOf<D> = D extends Definition<infer Input, infer _Output> ? Input : never;

/** What a definition gives. */
export type OutputOf<D> = D extends Definition<infer _Input, infer Output> ? Output : never;

/** A model that the app's `create` loads: on the visitor's device in a browser, on this machine in Node. */
export interface LocalSpec<Input = unknown, Output = unknown> {
  /** Without one: tensors in, tensors out. */
  readonly definition?: Definition<Input, Output> | undefined;
  readonly source: ModelSource;
  /** Hex SHA-256 that the model's bytes must have. */
  readonly sha256?: string | undefined;
  readonly device?: Device | readonly Device[] | undefined;
  /** Any other option of the app's `create`. */
  readonly [option: string]: unknown;
}

/** A model on a Predikt server, reached by `httpPredictor` of `@predikt/core/client`, which is loaded when first needed. */
export interface RemoteSpec<Input = unknown, Output = unknown> extends HttpPredictorOptions {
  /** Without one: the server's default model, tensors in, tensors out. */
  readonly definition?: Definition<Input, Output> | undefined;
  /** Where the server's routes lie: `/api`. */
  readonly url: string | URL;
}

/** Several places for one model, best first: the first that can be had is taken, and `useModel(…).choice` says which and why. */
export interface PreferSpec<Input = unknown, Output = unknown> {
  readonly definition: Definition<Input, Output>;
  /** At least one. A candidate needs no definition of its own. */
  readonly prefer: readonly (LocalSpec<Input, Output> | RemoteSpec<Input, Output>)[];
}

/** What to load, and where it runs. */
export type ModelSpec<Input = unknown, Output = unknown> = LocalSpec<Input, Output> | RemoteSpec<Input, Output> | PreferSpec<Input, Output>;

/** Models by name. */
export type ModelSpecs = Readonly<Record<string, ModelSpec>>;

/** A model as components name it: the definition of one of the provider's models, or a spec of its own. */
export type ModelRef<Input = unknown, Output = unknown> = Definition<Input, Output> | ModelSpec<Input, Output>;

/** What `create` is given beside the definition: every option of the spec, and these. */
export interface CreateOptions {
  readonly source: ModelSource;
  /** Aborts when nobody wants the model any more. Always given; optional, so that a function with other options fits. */
  readonly signal?: AbortSignal | undefined;
  /** Always given. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/**
 * Makes a predictor: `createPredictor` of `@predikt/node` or `@predikt/web`, or any function of that form. A spec without a definition is given as the
 * only argument, as those functions take it.
 */
export interface CreatePredictor {
  // A method, so that a function with narrower options fits.
  create(definition: AnyDefinition, options: CreateOptions): unknown;
}
