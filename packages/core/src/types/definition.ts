import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ModelMetadata, Signature } from "./signature.ts";
import type { TensorLike, Tensors } from "./tensor.ts";

/** What `encode` and `decode` are told about the model. */
export interface ModelContext {
  readonly signature: Signature;
  readonly metadata: ModelMetadata;
}

/**
 * A model as an application sees it: what goes in, what comes out, and how each becomes tensors. No runtime in it; server, browser and
 * React share one definition.
 */
export interface Definition<Input, Output> {
  readonly name: string;
  /** Default: `"1"`. */
  readonly version: string;
  /** Any Standard Schema. Callers give its input type; `encode` gets its output type. */
  readonly input: StandardSchemaV1<Input, unknown>;
  /** Any Standard Schema. `decode` gives its input type; callers get its output type. */
  readonly output: StandardSchemaV1<unknown, Output>;
  readonly encode: (item: never, context: ModelContext) => EncodedItem | Promise<EncodedItem>;
  readonly decode: (rows: Tensors, context: ModelContext) => unknown;
  /** A valid input: used for warm-up, the batch probe, OpenAPI and benchmarks. */
  readonly example: Input;
  /** JSON Schema of input and output, where the schemas cannot tell it themselves. */
  readonly jsonSchema?: { readonly input?: object | undefined; readonly output?: object | undefined } | undefined;
}

/** Named tensors for one item, batch axis first. */
export type EncodedItem = Readonly<Record<string, TensorLike>>;
