import type { StandardSchemaV1 } from "@standard-schema/spec";
import { ConfigError } from "../errors/index.ts";
import { describe } from "../tensor/index.ts";
import type { Definition, EncodedItem, ModelContext, Tensors } from "../types/index.ts";
import { checkName } from "./check-name.ts";

/** The parts of a definition. */
export interface ModelOptions<In extends StandardSchemaV1, Out extends StandardSchemaV1, Rows extends Tensors> {
  /** Letters, digits, `_`, `-` and `.`; it becomes part of URLs. */
  readonly name: string;
  /** Default: `"1"`. */
  readonly version?: string | undefined;
  /** Any Standard Schema; `numbers()` is one for numeric arrays. */
  readonly input: In;
  /** Any Standard Schema. */
  readonly output: Out;
  /**
   * Turns one valid item into the model's named tensors, batch axis first. A throw becomes DEFINITION_FAILED; an InputError with
   * `details: { raisedBy: "definition" }` refuses an item that no schema can judge, such as an image that cannot be decoded, and reaches the caller as it is.
   */
  readonly encode: (item: StandardSchemaV1.InferOutput<In>, context: ModelContext) => EncodedItem | Promise<EncodedItem>;
  /** Turns this item's rows of the model's outputs into the output schema's input. A throw becomes DEFINITION_FAILED. */
  readonly decode: (rows: Rows, context: ModelContext) => StandardSchemaV1.InferInput<Out> | Promise<StandardSchemaV1.InferInput<Out>>;
  /** A valid input: used for warm-up, the batch probe, OpenAPI and benchmarks. */
  readonly example: StandardSchemaV1.InferInput<In>;
  /** JSON Schemas for OpenAPI, where the schemas cannot tell theirs. */
  readonly jsonSchema?: { readonly input?: object | undefined; readonly output?: object | undefined } | undefined;
}

/**
 * Defines a model as an application sees it: what goes in, what comes out, and how each becomes tensors. It holds no runtime, so the same
 * definition predicts in a server, in a browser and across the network.
 *
 * @throws ConfigError CONFIG_INVALID naming the option that is wrong.
 */
export function defineModel<In extends StandardSchemaV1, Out extends StandardSchemaV1, Rows extends Tensors = Tensors>(
  options: ModelOptions<In, Out, Rows>,
): Definition<StandardSchemaV1.InferInput<In>, StandardSchemaV1.InferOutput<Out>> {
  const { name, version = "1" } = options;
  checkName("name", name);
  checkName("version", version);
  for (const key of ["input", "output"] as const) {
    if (typeof options[key]?.["~standard"]?.validate !== "function")
      throw new ConfigError(key, "a Standard Schema", describe(options[key]));
  }
  for (const key of ["encode", "decode"] as const) {
    if (typeof options[key] !== "function") throw new ConfigError(key, "a function", describe(options[key]));
  }
  return Object.freeze({ ...options, version }) as unknown as Definition<
    StandardSchemaV1.InferInput<In>,
    StandardSchemaV1.InferOutput<Out>
  >;
}
