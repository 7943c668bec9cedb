import { fromFloat16Bits, toFloat16Bits } from "../../tensor/index.ts";
import { countOf, isWhole } from "../known.ts";
import type { Operation } from "./operation.ts";

/** Numpy's rule, which ONNX takes over. A dimension that is not known gives way to one that is not 1. */
export function broadcastDims(shapes: readonly (readonly number[])[]): readonly number[] {
  const rank = Math.max(0, ...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, i) => {
    let dim = 1;
    for (const shape of shapes) {
      const size = shape[shape.length - rank + i] ?? 1;
      if (dim === 1 || (Number.isNaN(dim) && size !== 1)) dim = size;
    }
    return dim;
  });
}

/**
 * The elements of an output, each of which is one of the operand's: where, `source` tells from the output's coordinates; undefined stands for
 * `fallback`. Undefined where the elements are not known or too many.
 */
export function moved(
  operation: Operation,
  at: number,
  dims: readonly number[],
  source: (coordinates: readonly number[]) => readonly number[] | undefined,
  fallback: number = Number.NaN,
): readonly number[] | undefined {
  const elements = operation.elements(at);
  const from = operation.inputs[at]?.dims;
  if (elements === undefined || !isWhole(from) || !isWhole(dims) || !operation.affords(countOf(dims))) return undefined;
  const made: number[] = [];
  const coordinates = dims.map(() => 0);
  for (let left = countOf(dims); left > 0; left--) {
    const place = source(coordinates);
    const index = place?.reduce((sum, coordinate, axis) => sum * (from[axis] as number) + coordinate, 0);
    made.push(index === undefined ? fallback : (elements[index] ?? Number.NaN));
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      coordinates[axis] = (coordinates[axis] as number) + 1;
      if ((coordinates[axis] as number) < (dims[axis] as number)) break;
      coordinates[axis] = 0;
    }
  }
  return made;
}

/** The coordinates in an operand that numpy's rule stretches to the output's dims. */
export function stretched(from: readonly number[], coordinates: readonly number[]): readonly number[] {
  return from.map((dim, axis) => (dim === 1 ? 0 : (coordinates[coordinates.length - from.length + axis] as number)));
}

/** Numbers that integers of an element type can be; beyond 2^53 a JavaScript number is no longer exact. */
const ranges: Readonly<Record<number, readonly [min: number, max: number]>> = {
  2: [0, 0xff],
  3: [-0x80, 0x7f],
  4: [0, 0xffff],
  5: [-0x8000, 0x7fff],
  6: [-0x80000000, 0x7fffffff],
  7: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  9: [0, 1],
  12: [0, 0xffffffff],
  13: [0, Number.MAX_SAFE_INTEGER],
};

/** A computed element in its type: NaN, not known, where an integer would wrap round. */
export function fitted(dataType: number, value: number): number {
  if (dataType === 1) return Math.fround(value);
  if (dataType === 10) return fromFloat16Bits(toFloat16Bits(value));
  const range = ranges[dataType];
  return range === undefined || (value >= range[0] && value <= range[1]) ? value : Number.NaN;
}
