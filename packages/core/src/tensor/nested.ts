import { mismatch } from "../errors/mismatch.ts";
import type { Dim } from "../types/index.ts";
import { describe } from "./describe.ts";

/** Deeper nesting than this is refused: no runtime has tensors of such a rank, and following the nesting must end. */
export const maxRank = 32;

/** Whether a value holds elements or further lists: an array or a typed array. */
export function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/**
 * The innermost lists of nested lists, in row-major order. Only lists are gathered, never elements, so that the cost is that of what is there.
 *
 * @throws InputError INPUT_SHAPE naming the first list, outermost level first, that has not the shape of `dims`.
 */
export function rowsOf(value: unknown, dims: readonly number[], path: string): readonly ArrayLike<unknown>[] {
  let rows = [dims.length === 0 ? [value] : (value as ArrayLike<unknown>)];
  for (let axis = 1; axis < dims.length; axis++) {
    const length = dims[axis] as number;
    const next: ArrayLike<unknown>[] = [];
    for (const row of rows) {
      const count = row.length;
      for (let i = 0; i < count; i++) {
        const inner = row[i];
        if (!isList(inner) || inner.length !== length) {
          const received = isList(inner) ? `a list of ${inner.length}` : describe(inner);
          throw mismatch("INPUT_SHAPE", path + indexPath(next.length, dims.slice(0, axis)), `a list of ${length}`, received);
        }
        next.push(inner);
      }
    }
    rows = next;
  }
  return rows;
}

/** Where the element of a row-major index stands: `[2][0]`. */
export function indexPath(index: number, dims: readonly number[]): string {
  let rest = index;
  return dims.reduceRight((path, dim) => {
    const at = rest % dim;
    rest = (rest - at) / dim;
    return `[${at}]${path}`;
  }, "");
}

/** Whether a shape has the rank and the fixed sizes that are wanted. */
export function fits(dims: readonly number[], shape: readonly Dim[]): boolean {
  return dims.length === shape.length && shape.every((dim, axis) => typeof dim === "string" || dim === dims[axis]);
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

/**
 * The shape that nested lists without an element stand for. Their nesting ends at the first empty list, and what would follow is the model's: `[]` for
 * `[batch, 784]` is `[0, 784]`. Lists that do not begin as the shape does are left as they are.
 *
 * @param own The shape of the lists themselves.
 */
export function fitEmpty(shape: readonly Dim[], own: readonly number[]): readonly number[] {
  if (own.length >= shape.length || !fits(own, shape.slice(0, own.length))) return own;
  return shape.map((dim, axis) => own[axis] ?? (typeof dim === "number" ? dim : 0));
}
