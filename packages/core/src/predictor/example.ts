import { allocate } from "../tensor/index.ts";
import type { Definition, RawInputs, Signature, Tensor, Tensors } from "../types/index.ts";
import { type Codec, failed } from "./codec.ts";

/**
 * Feeds to warm a model up with: the definition's example, the option's, or zeros where every dimension but the batch axis is fixed. Undefined
 * where none can be made.
 *
 * @throws DefinitionError DEFINITION_FAILED where the example is refused by its own definition.
 */
export async function exampleFeeds(
  definition: Definition<never, unknown> | undefined,
  example: RawInputs | undefined,
  codec: Codec,
  signature: Signature,
): Promise<Tensors | undefined> {
  if (example !== undefined) return codec.accept(example);
  if (definition === undefined) return zeros(signature);
  try {
    return await codec.encode(definition.example);
  } catch (cause) {
    throw failed(definition, "example", cause);
  }
}

function zeros(signature: Signature): Tensors | undefined {
  const feeds: Record<string, Tensor> = {};
  for (const { name, dtype, shape } of signature.inputs) {
    const dims = shape.map((dim, axis) => (axis === 0 && typeof dim === "string" ? 1 : dim));
    if (dims.some((dim) => typeof dim === "string")) return undefined;
    const size = (dims as number[]).reduce((a, b) => a * b, 1);
    feeds[name] = { type: dtype, data: allocate(dtype, size), dims } as Tensor;
  }
  return feeds;
}
