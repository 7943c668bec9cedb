import { allocate, dtypeInfo } from "../tensor/index.ts";
import type { Definition, RawInputs, Signature, Tensor, Tensors } from "../types/index.ts";
import { type Codec, failed } from "./codec.ts";

/** Bytes that an example which nobody gave may take. */
const maxBytes = 2 ** 26;

/** Feeds to warm a model up with. */
export interface Example {
  readonly feeds: Tensors;
  /** Whether the application gave it; else it is made up, and the model may refuse it. */
  readonly given: boolean;
}

/**
 * The definition's example, the option's, or zeros where every dimension but the batch axis is fixed and they take less than 64 MiB. Undefined where
 * none can be made.
 *
 * @throws DefinitionError DEFINITION_FAILED where the example is refused by its own definition.
 */
export async function exampleFeeds(
  definition: Definition<never, unknown> | undefined,
  example: RawInputs | undefined,
  codec: Codec,
  signature: Signature,
): Promise<Example | undefined> {
  if (example !== undefined) return { feeds: codec.accept(example), given: true };
  if (definition === undefined) {
    const feeds = zeros(signature);
    return feeds && { feeds, given: false };
  }
  try {
    return { feeds: await codec.encode(definition.example), given: true };
  } catch (cause) {
    throw failed(definition, "example", cause);
  }
}

function zeros(signature: Signature): Tensors | undefined {
  const feeds: Record<string, Tensor> = {};
  let left = maxBytes;
  for (const { name, dtype, shape, unranked } of signature.inputs) {
    const dims = shape.map((dim, axis) => (typeof dim === "number" ? dim : axis === 0 ? 1 : Number.NaN));
    const size = dims.reduce((a, b) => a * b, 1);
    left -= size * (dtypeInfo(dtype).bytes || 8);
    if (unranked || !(left >= 0)) return undefined;
    feeds[name] = { type: dtype, data: allocate(dtype, size), dims } as Tensor;
  }
  return feeds;
}
