import { InputError } from "../errors/index.ts";
import { mismatch } from "../errors/mismatch.ts";
import { dtypeInfo } from "../tensor/index.ts";
import type { AnyPredictor, RawInputs, TensorSpec } from "../types/index.ts";
import type { NeutralRequest } from "./neutral.ts";
import { unsupported } from "./read-body.ts";
import { binaryType, headers, jsonType, readTensor } from "./wire/index.ts";

/** Feeds, and whether their buffers may be handed to another thread. */
export interface Feeds {
  readonly feeds: RawInputs;
  readonly owned: boolean;
}

/**
 * The single input tensor that a binary body stands for.
 *
 * @param limit Bytes that a binary body may have.
 * @throws InputError UNSUPPORTED_MEDIA_TYPE where the model has several inputs, INPUT_DTYPE, INPUT_SHAPE, INPUT_VALUE, INPUT_TOO_LARGE
 */
export function feedsOf({ info }: AnyPredictor, request: NeutralRequest, bytes: Uint8Array, limit: number): Feeds {
  const { inputs } = info.signature;
  const [spec] = inputs;
  if (spec === undefined || inputs.length !== 1)
    throw unsupported("content-type", `${jsonType}, since this model does not have one single input`, binaryType);
  assertDtype(request, spec);
  const shape = shapeOf(request);
  if (shape?.includes(0)) assertExtent(shape, spec, limit);
  const { tensor, owned } = readTensor(bytes, spec, shape);
  return { feeds: { [spec.name]: tensor }, owned };
}

function assertDtype(request: NeutralRequest, spec: TensorSpec): void {
  const dtype = request.header(headers.dtype);
  if (dtype === undefined || dtype === spec.dtype) return;
  throw mismatch("INPUT_DTYPE", spec.name, spec.dtype, "another dtype", `header "${headers.dtype}"`);
}

function shapeOf(request: NeutralRequest): readonly number[] | undefined {
  const text = request.header(headers.shape);
  if (text === undefined) return undefined;
  if (text.trim() === "") return [];
  const dims = text.split(",").map((dim) => (/^\s*\d{1,15}\s*$/.test(dim) ? Number(dim) : Number.NaN));
  if (dims.length <= 32 && dims.every(Number.isSafeInteger)) return dims;
  throw mismatch("INPUT_VALUE", headers.shape, "whole numbers joined by commas", "something else", `header "${headers.shape}"`);
}

/** No byte stands for an empty tensor, but a model may make as much of its other dims as of any: they are held to what a body could fill. */
function assertExtent(shape: readonly number[], { dtype }: TensorSpec, limit: number): void {
  const { bytes } = dtypeInfo(dtype);
  if (shape.reduce((size, dim) => size * (dim || 1), bytes) <= limit) return;
  const issue = { path: headers.shape, expected: `dims whose product beside the zeros is at most ${limit} bytes`, received: "larger ones" };
  throw new InputError("INPUT_TOO_LARGE", `header "${issue.path}": expected ${issue.expected}, got ${issue.received}`, {
    details: { limit, issues: [issue] },
  });
}
