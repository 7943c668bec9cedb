import { each } from "./elementwise.ts";
import { broadcastDims } from "./indexing.ts";
import type { Made, Operation, Rule } from "./operation.ts";

type Dims = readonly number[];

const int32 = 6;

/** Rules for operators that combine matrices. */
export const products: Readonly<Record<string, Rule>> = {
  ...each(["MatMul", "MatMulInteger", "FusedMatMul", "TransposeMatMul", "MatMulIntegerToFloat", "DynamicQuantizeMatMul"], (operation) =>
    multiplied(operation, operation.shape(0), operation.shape(1)),
  ),
  QLinearMatMul: (operation) => multiplied(operation, operation.shape(0), operation.shape(3)),
  MatMulNBits: (operation) => {
    const from = operation.shape(0);
    return from && { dataType: operation.dataType(), dims: [...from.slice(0, -1), operation.int("N") ?? Number.NaN] };
  },
  ...each(["Gemm", "FusedGemm", "QGemm"], (operation) => {
    const a = operation.shape(0);
    const b = operation.shape(operation.node.opType === "QGemm" ? 3 : 1);
    if (a === undefined || b === undefined) return undefined;
    const rows = a[operation.int("transA") ? 1 : 0] ?? Number.NaN;
    return { dataType: operation.dataType(), dims: [rows, b[operation.int("transB") ? 0 : 1] ?? Number.NaN] };
  }),
  Einsum: (operation) => {
    const equation = operation.text("equation")?.replaceAll(" ", "") ?? "";
    const shapes = operation.inputs.map((_, at) => operation.shape(at));
    const [left = "", right] = equation.split("->");
    if (equation.includes(".") || shapes.includes(undefined)) return undefined;
    const sizes = new Map<string, number>();
    for (const [at, letters] of left.split(",").entries()) {
      for (const [axis, letter] of [...letters].entries())
        sizes.set(letter, Math.max(sizes.get(letter) ?? 0, shapes[at]?.[axis] ?? Number.NaN));
    }
    const once = [...sizes.keys()].filter((letter) => left.split(letter).length === 2).sort();
    return { dataType: operation.dataType(), dims: [...(right ?? once)].map((letter) => sizes.get(letter) ?? Number.NaN) };
  },
  ...each(["RNN", "GRU", "LSTM", "DynamicQuantizeLSTM"], (operation) => {
    const [steps = Number.NaN, batch = Number.NaN] = operation.shape(0) ?? [];
    const directions = operation.text("direction") === "bidirectional" ? 2 : 1;
    const hidden = operation.int("hidden_size") ?? operation.inputs[2]?.dims?.at(-1) ?? Number.NaN;
    const dataType = operation.dataType();
    const state = { dataType, dims: [directions, batch, hidden] };
    const byBatch = operation.int("layout") === 1;
    const all = byBatch ? [steps, batch, directions, hidden] : [steps, directions, batch, hidden];
    return [{ dataType, dims: all }, state, state];
  }),
  STFT: (operation) => {
    const [batch = Number.NaN, length = Number.NaN] = operation.shape(0) ?? [];
    const step = operation.sizes(1)?.[0] ?? Number.NaN;
    const frame = operation.sizes(3)?.[0] ?? operation.shape(2)?.[0] ?? Number.NaN;
    const frames = Math.floor((length - frame) / step) + 1;
    const bins = operation.int("onesided") === 0 ? frame : Math.floor(frame / 2) + 1;
    return { dataType: operation.dataType(), dims: [batch, frames, bins, 2] };
  },
  DFT: (operation) => {
    const from = operation.shape(0);
    if (from === undefined) return undefined;
    const given = operation.int("axis") ?? (operation.inputs[2] === undefined ? 1 : (operation.sizes(2)?.[0] ?? Number.NaN));
    const axis = given < 0 ? given + from.length : given;
    const length = operation.sizes(1)?.[0] ?? from[axis] ?? Number.NaN;
    const half = operation.int("onesided") === 1;
    const inverse = operation.int("inverse") === 1;
    // Half a spectrum comes of real numbers, and real numbers of it, twice as many.
    const whole = half && inverse && operation.inputs[1] === undefined ? 2 * (length - 1) : length;
    const size = half && !inverse ? Math.floor(length / 2) + 1 : whole;
    const parts = half && inverse ? 1 : 2;
    return { dataType: operation.dataType(), dims: from.map((dim, at) => (at === axis ? size : at === from.length - 1 ? parts : dim)) };
  },
};

function multiplied(operation: Operation, a: Dims | undefined, b: Dims | undefined): Made | undefined {
  if (a === undefined || b === undefined || a.length === 0 || b.length === 0) return undefined;
  const [rows, columns] = [a.at(operation.int("transA") ? -1 : -2), b.at(operation.int("transB") ? -2 : -1)];
  const outer = broadcastDims([a.slice(0, -2), b.slice(0, -2)]);
  const dims = [...outer, ...(a.length === 1 ? [] : [rows as number]), ...(b.length === 1 ? [] : [columns as number])];
  return { dataType: operation.node.opType === "MatMulInteger" ? int32 : operation.dataType(), dims };
}
