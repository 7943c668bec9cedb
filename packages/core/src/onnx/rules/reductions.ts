import { countOf, isWhole } from "../known.ts";
import { each } from "./elementwise.ts";
import { fitted } from "./indexing.ts";
import type { Made, Operation, Rule } from "./operation.ts";

const folds: Readonly<Record<string, (a: number, b: number) => number>> = {
  ReduceSum: (a, b) => a + b,
  ReduceProd: (a, b) => a * b,
  ReduceMax: Math.max,
  ReduceMin: Math.min,
};

const others = "ReduceMean ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare ReduceSumInteger".split(" ");

/** Rules for operators that fold axes of their operand. */
export const reductions: Readonly<Record<string, Rule>> = {
  ...each([...Object.keys(folds), ...others], (operation) => {
    const axes = operation.ints("axes") ?? (operation.inputs[1] === undefined ? [] : operation.elements(1));
    const all = operation.int("noop_with_empty_axes") !== 1;
    return reduced(operation, operation.dataType(), axes, all, folds[operation.node.opType]);
  }),
  ...each(["ArgMax", "ArgMin"], (operation) => reduced(operation, 7, [operation.int("axis") ?? 0], true)),
  Size: ({ inputs: [x] }) => x && { dataType: 7, dims: [], elements: isWhole(x.dims) ? [countOf(x.dims)] : undefined },
};

function reduced(
  operation: Operation,
  dataType: number,
  given: readonly number[] | undefined,
  all: boolean,
  fold?: (a: number, b: number) => number,
): Made | undefined {
  const [x] = operation.inputs;
  if (x?.dims === undefined || given === undefined || given.some(Number.isNaN)) return undefined;
  const { dims } = x;
  const axes = new Set(given.map((axis) => (axis < 0 ? axis + dims.length : axis)));
  const folded = dims.map((_, axis) => axes.has(axis) || (axes.size === 0 && all));
  const kept = dims.map((dim, axis) => (folded[axis] ? 1 : dim));
  const made = operation.int("keepdims") === 0 ? dims.filter((_, axis) => !folded[axis]) : kept;
  return { dataType, dims: made, elements: fold && foldedElements(operation, dims, folded, kept, fold) };
}

function foldedElements(
  operation: Operation,
  dims: readonly number[],
  folded: readonly boolean[],
  kept: readonly number[],
  fold: (a: number, b: number) => number,
): readonly number[] | undefined {
  const elements = operation.elements();
  // The order in which floats are added up is the runtime's choice, and with it the last bit.
  const exact = ![1, 10, 11].includes(operation.dataType()) || fold === Math.max || fold === Math.min;
  if (elements === undefined || elements.length === 0 || !exact || !isWhole(dims) || !operation.affords(elements.length)) return undefined;
  const made = new Array<number | undefined>(countOf(kept)).fill(undefined);
  for (const [index, element] of elements.entries()) {
    let rest = index;
    let place = 0;
    let stride = 1;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const dim = dims[axis] as number;
      if (!folded[axis]) {
        place += (rest % dim) * stride;
        stride *= dim;
      }
      rest = Math.floor(rest / dim);
    }
    const before = made[place];
    made[place] = before === undefined ? element : fitted(operation.dataType(), fold(before, element));
  }
  return made as number[];
}
