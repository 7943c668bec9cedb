import { fitEmpty, isList, shapeOf } from "../../../tensor/index.ts";
import type { Tensor, TensorSpec } from "../../../types/index.ts";
import { elementsFromJson } from "../oip/index.ts";
import { withoutBase64 } from "./base64.ts";

/**
 * A tensor of nested lists, whose nesting is its shape; text may come as `{"b64": "…"}`.
 *
 * @throws InputError INPUT_SHAPE, INPUT_DTYPE or INPUT_VALUE, naming the place below `path`
 */
export function tensorFromNested({ dtype, shape }: TensorSpec, given: unknown, path: string): Tensor {
  const value = dtype === "string" ? withoutBase64(given, path) : given;
  const own = isList(value) ? shapeOf(dtype, value, path) : [];
  const data = elementsFromJson(dtype, own, value, path);
  return { type: dtype, data, dims: data.length === 0 ? fitEmpty(shape, own) : own } as Tensor;
}
