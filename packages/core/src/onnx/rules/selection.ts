import { isWhole } from "../known.ts";
import { moved } from "./indexing.ts";
import type { Made, Operation, Rule } from "./operation.ts";

const int64 = 7;

/** Rules for operators that pick some of their operand's elements. */
export const selection: Readonly<Record<string, Rule>> = {
  Slice: (operation) => {
    const from = operation.inputs[0]?.dims;
    const starts = operation.ints("starts") ?? operation.elements(1);
    const ends = operation.ints("ends") ?? operation.elements(2);
    if (from === undefined) return undefined;
    const count = operation.inputs[1]?.dims?.[0] ?? starts?.length ?? 0;
    const fallback = Number.isNaN(count) ? undefined : Array.from({ length: count }, (_, i) => i);
    const given = operation.ints("axes") ?? (operation.inputs[3] === undefined ? fallback : operation.elements(3));
    const steps = operation.inputs[4] === undefined ? given?.map(() => 1) : operation.elements(4);
    if (given === undefined)
      return like(
        operation,
        from.map(() => Number.NaN),
      );
    const axes = given.map((axis) => (axis < 0 ? axis + from.length : axis));
    const spans = from.map((dim, axis) => {
      const at = axes.indexOf(axis);
      return at < 0 ? { start: 0, step: 1, size: dim } : spanOf(dim, starts?.[at], ends?.[at], steps?.[at]);
    });
    const dims = spans.map(({ size }) => size);
    const elements = moved(operation, 0, dims, (place) =>
      place.map((coordinate, axis) => {
        const { start, step } = spans[axis] as { start: number; step: number };
        return start + coordinate * step;
      }),
    );
    return { dataType: operation.dataType(), dims, elements };
  },
  Gather: (operation) => {
    const from = operation.shape(0);
    const index = operation.shape(1);
    if (from === undefined || index === undefined) return undefined;
    const axis = operation.axis("axis", 0, from.length);
    const dims = [...from.slice(0, axis), ...index, ...from.slice(axis + 1)];
    const size = from[axis] as number;
    const indices = operation.elements(1);
    const elements =
      indices &&
      moved(operation, 0, dims, (place) => {
        const at = place.slice(axis, axis + index.length).reduce((sum, coordinate, i) => sum * (index[i] as number) + coordinate, 0);
        const picked = indices[at] as number;
        const inside = picked >= -size && picked < size;
        return inside ? [...place.slice(0, axis), picked < 0 ? picked + size : picked, ...place.slice(axis + index.length)] : undefined;
      });
    return { dataType: operation.dataType(), dims, elements };
  },
  GatherElements: (operation) => like(operation, operation.shape(1)),
  GatherND: (operation) => {
    const from = operation.shape(0);
    const index = operation.shape(1);
    const depth = index?.at(-1);
    if (from === undefined || index === undefined || depth === undefined || Number.isNaN(depth)) return undefined;
    return like(operation, [...index.slice(0, -1), ...from.slice((operation.int("batch_dims") ?? 0) + depth)]);
  },
  Split: (operation) => {
    const from = operation.inputs[0]?.dims;
    if (from === undefined) return undefined;
    const outputs = operation.node.output.length;
    const axis = operation.axis("axis", 0, from.length);
    const even = Math.ceil((from[axis] as number) / outputs);
    const sizes = operation.ints("split") ?? operation.elements(1);
    const known = operation.inputs[1] === undefined || sizes !== undefined;
    let start = 0;
    return operation.node.output.map((_, i) => {
      const size = !known ? Number.NaN : (sizes?.[i] ?? Math.min(even, (from[axis] as number) - start));
      const dims = from.map((dim, at) => (at === axis ? size : dim));
      const offset = start;
      start += size;
      const elements = moved(operation, 0, dims, (place) =>
        place.map((coordinate, at) => (at === axis ? coordinate + offset : coordinate)),
      );
      return { dataType: operation.dataType(), dims, elements };
    });
  },
  NonZero: (operation) => {
    const [x] = operation.inputs;
    if (x?.dims === undefined) return undefined;
    const rank = x.dims.length;
    const { elements } = x;
    if (elements === undefined || elements.some(Number.isNaN) || !isWhole(x.dims) || !operation.affords(elements.length * rank))
      return { dataType: int64, dims: [rank, Number.NaN] };
    const found = elements.flatMap((element, index) => (element === 0 ? [] : [index]));
    const strides = x.dims.map((_, axis) => (x.dims as readonly number[]).slice(axis + 1).reduce((a, b) => a * b, 1));
    const made = strides.flatMap((stride, axis) => found.map((index) => Math.floor(index / stride) % (x.dims?.[axis] as number)));
    return { dataType: int64, dims: [rank, found.length], elements: made };
  },
  TopK: (operation) => {
    const from = operation.inputs[0]?.dims;
    if (from === undefined) return undefined;
    const axis = operation.axis("axis", -1, from.length);
    const k = operation.int("k") ?? operation.elements(1)?.[0] ?? Number.NaN;
    const dims = from.map((dim, at) => (at === axis ? k : dim));
    return [
      { dataType: operation.dataType(), dims },
      { dataType: int64, dims },
    ];
  },
};

function like(operation: Operation, dims: readonly number[] | undefined): Made | undefined {
  return dims && { dataType: operation.dataType(), dims };
}

function spanOf(dim: number, start?: number, end?: number, step?: number): { start: number; step: number; size: number } {
  if (start === undefined || end === undefined || step === undefined || step === 0) return { start: Number.NaN, step: 1, size: Number.NaN };
  const clamp = (at: number): number => Math.min(Math.max(at < 0 ? at + dim : at, step < 0 ? -1 : 0), step < 0 ? dim - 1 : dim);
  const from = clamp(start);
  return { start: from, step, size: Math.max(0, Math.ceil((clamp(end) - from) / step)) };
}
