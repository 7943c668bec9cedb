import { mismatch } from "../errors/mismatch.ts";
import type { Dim, NestedArray } from "../types/index.ts";

/** Nested arrays as one row-major list and the shape that the nesting gives. */
export interface Flattened {
  readonly data: readonly (number | bigint | boolean | string)[];
  readonly dims: readonly number[];
}

/** Deeper nesting than this is refused: no runtime has tensors of such a rank, and recursion must end. */
export const maxRank = 32;

/**
 * Flattens nested arrays in one pass over a preallocated list. A scalar has shape `[]`.
 *
 * @throws InputError INPUT_SHAPE where the nesting is ragged (with the path) or deeper than {@link maxRank}.
 */
export function flatten(value: NestedArray, path = "input"): Flattened {
  if (!Array.isArray(value)) return { data: [value as number], dims: [] };
  const dims = shapeOf(value, path);
  if (dims.length === 1) return { data: value as number[], dims };
  const size = dims.reduce((a, b) => a * b, 1);
  const data = new Array<number>(size);
  fill(value, 0, 0, dims, data, path);
  return { data, dims };
}

function shapeOf(value: readonly NestedArray[], path: string): number[] {
  const dims: number[] = [];
  let level: NestedArray | undefined = value;
  while (Array.isArray(level)) {
    if (dims.length === maxRank) {
      throw mismatch("INPUT_SHAPE", path, `at most ${maxRank} nested levels`, "deeper nesting");
    }
    dims.push(level.length);
    level = level[0];
  }
  return dims;
}

function fill(list: readonly NestedArray[], axis: number, offset: number, dims: readonly number[], data: unknown[], path: string): number {
  const length = dims[axis] as number;
  if (list.length !== length) throw mismatch("INPUT_SHAPE", path, `${length} elements like its siblings`, `${list.length}`);
  if (axis === dims.length - 1) {
    for (let i = 0; i < length; i++) {
      const element = list[i];
      if (Array.isArray(element)) throw mismatch("INPUT_SHAPE", `${path}[${i}]`, "an element", "an array");
      data[offset + i] = element;
    }
    return offset + length;
  }
  let at = offset;
  for (let i = 0; i < length; i++) {
    const inner = list[i];
    if (!Array.isArray(inner)) throw mismatch("INPUT_SHAPE", `${path}[${i}]`, `an array of ${dims[axis + 1]}`, typeof inner);
    at = fill(inner, axis + 1, at, dims, data, `${path}[${i}]`);
  }
  return at;
}

/** The shape that a flat list of that length stands for: where at most one dimension is free and the length fits; else undefined. */
export function fitFlat(shape: readonly Dim[], length: number): readonly number[] | undefined {
  let fixed = 1;
  let free = 0;
  for (const dim of shape) {
    if (typeof dim === "number") fixed *= dim;
    else free++;
  }
  const rest = length / fixed;
  if (free === 0 ? rest !== 1 : free > 1 || !Number.isInteger(rest)) return undefined;
  return shape.map((dim) => (typeof dim === "number" ? dim : rest));
}
