import { countOf, isWhole } from "../known.ts";
import { each } from "./elementwise.ts";
import { moved } from "./indexing.ts";
import type { Made, Operation, Rule } from "./operation.ts";

const int64 = 7;

/** Rules for operators that put elements in other places. */
export const movement: Readonly<Record<string, Rule>> = {
  Shape: (operation) => {
    const dims = operation.inputs[0]?.dims;
    const made = dims?.slice(operation.int("start") ?? 0, operation.int("end"));
    return made && { dataType: int64, dims: [made.length], elements: made };
  },
  Reshape: (operation) => {
    const wanted = operation.sizes(1) ?? operation.ints("shape");
    const from = operation.inputs[0]?.dims;
    if (wanted === undefined) return undefined;
    const copies = operation.int("allowzero") !== 1;
    const dims = wanted.map((dim, i) => (dim === 0 && copies ? (from?.[i] ?? Number.NaN) : dim));
    const rest = isWhole(from) ? countOf(from) / dims.filter((dim) => dim !== -1).reduce((a, b) => a * b, 1) : Number.NaN;
    return same(
      operation,
      dims.map((dim) => (dim === -1 ? rest : dim)),
    );
  },
  Flatten: (operation) => {
    const from = operation.inputs[0]?.dims;
    if (from === undefined) return undefined;
    const axis = operation.axis("axis", 1, from.length);
    return same(
      operation,
      [from.slice(0, axis), from.slice(axis)].map((dims) => dims.reduce((a, b) => a * b, 1)),
    );
  },
  Squeeze: (operation) => {
    const from = operation.inputs[0]?.dims;
    const given = operation.ints("axes") ?? (operation.inputs[1] === undefined ? undefined : operation.elements(1));
    if (from === undefined || (given === undefined && (operation.inputs[1] !== undefined || !isWhole(from)))) return undefined;
    const axes = given?.map((axis) => (axis < 0 ? axis + from.length : axis));
    return same(
      operation,
      from.filter((dim, axis) => (axes === undefined ? dim !== 1 : !axes.includes(axis))),
    );
  },
  Unsqueeze: (operation) => {
    const from = operation.inputs[0]?.dims;
    const given = operation.ints("axes") ?? operation.elements(1);
    if (from === undefined || given === undefined) return undefined;
    const rank = from.length + given.length;
    const axes = given.map((axis) => (axis < 0 ? axis + rank : axis));
    const rest = from.values();
    return same(
      operation,
      Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (rest.next().value ?? Number.NaN))),
    );
  },
  Transpose: (operation) => {
    const from = operation.inputs[0]?.dims;
    if (from === undefined) return undefined;
    const perm = operation.ints("perm") ?? from.map((_, axis) => from.length - 1 - axis);
    const dims = perm.map((axis) => from[axis] ?? Number.NaN);
    return {
      ...same(operation, dims),
      elements: moved(operation, 0, dims, (place) => from.map((_, axis) => place[perm.indexOf(axis)] as number)),
    };
  },
  Concat: (operation) => {
    const shapes = operation.inputs.map((_, at) => operation.shape(at));
    const [first] = shapes;
    if (first === undefined || shapes.includes(undefined)) return undefined;
    const axis = operation.axis("axis", 1, first.length);
    const size = shapes.reduce((sum, shape) => sum + (shape?.[axis] ?? Number.NaN), 0);
    const elements = operation.inputs.map((input) => input?.elements);
    const joined = first.length === 1 && !elements.includes(undefined) && operation.affords(size);
    return {
      dataType: operation.dataType(),
      dims: first.map((dim, i) => (i === axis ? size : dim)),
      elements: joined ? (elements as (readonly number[])[]).flat() : undefined,
    };
  },
  ...each(["SpaceToDepth", "DepthToSpace"], (operation) => {
    const [n, c, h, w] = operation.inputs[0]?.dims ?? [];
    const block = operation.int("blocksize") ?? 1;
    if (n === undefined || c === undefined || h === undefined || w === undefined) return undefined;
    const down = operation.node.opType === "SpaceToDepth" ? block : 1 / block;
    return same(operation, [n, c * down * down, h / down, w / down], false);
  }),
};

/** The operand in other dims; its elements stay in their order. */
function same(operation: Operation, dims: readonly number[], keeps = true): Made {
  return { dataType: operation.dataType(), dims, elements: keeps ? operation.elements() : undefined };
}
