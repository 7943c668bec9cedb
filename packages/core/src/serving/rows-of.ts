import { dtypeInfo, fitFlat, isList, isTensorLike, sizeOf } from "../tensor/index.ts";
import type { AnyPredictor, TensorSpec } from "../types/index.ts";
import type { NeutralRequest } from "./neutral.ts";
import type { Body } from "./read-body.ts";
import { headers } from "./wire/index.ts";

/**
 * How many rows a predict body brings, told before anything is made of it: 1 for a definition's own input, else what its tensors claim on axis 0. At least 1. What
 * claims too much or too little is refused later.
 */
export function rowsOf({ definition, info }: AnyPredictor, request: NeutralRequest, { json, bytes }: Body): number {
  const { inputs } = info.signature;
  if (bytes !== undefined) {
    const [spec] = inputs;
    const shape = request.header(headers.shape);
    const said = Number(shape?.split(",")[0]);
    return atLeastOne(shape === undefined ? spec && flatRows(spec, bytes.byteLength / (dtypeInfo(spec.dtype).bytes || 1)) : said);
  }
  if (definition !== undefined || typeof json !== "object" || json === null) return 1;
  return inputs.reduce((most, spec) => Math.max(most, atLeastOne(rowsOfValue(spec, (json as Record<string, unknown>)[spec.name]))), 1);
}

/** How many rows tensors of these shapes claim on axis 0. At least 1. */
export function mostRows(shapes: readonly (readonly number[])[]): number {
  return shapes.reduce((most, [rows]) => Math.max(most, atLeastOne(rows)), 1);
}

function rowsOfValue(spec: TensorSpec, value: unknown): number | undefined {
  if (isTensorLike(value)) return Array.isArray(value.dims) ? (value.dims[0] as number) : undefined;
  if (!isList(value)) return undefined;
  return isList(value[0]) || spec.shape.length < 2 ? value.length : flatRows(spec, value.length);
}

/** Rows of a flat list: its model's, where those are told by its length; else as many as its fixed dims leave. */
function flatRows({ shape }: TensorSpec, length: number): number | undefined {
  if (shape.length === 0) return 1;
  const fixed = sizeOf(shape.slice(1).map((dim) => (typeof dim === "number" ? dim : 1)));
  return (fitFlat(shape, length)?.[0] as number | undefined) ?? Math.ceil(length / (fixed || 1));
}

function atLeastOne(rows: number | undefined): number {
  return typeof rows === "number" && Number.isFinite(rows) ? Math.max(1, Math.ceil(rows)) : 1;
}
