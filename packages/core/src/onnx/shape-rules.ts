import { attributeOf } from "./attribute.ts";
import { type Known, knownConstant, type Scope } from "./known.ts";
import type { NodeProto } from "./proto.ts";

/** The inputs of a node as far as they are known; undefined for one that is left out or not known. */
type Inputs = readonly (Known | undefined)[];
type Rule = (node: NodeProto, inputs: Inputs) => Known | undefined;

const float32 = 1;
const int64 = 7;
const bool = 9;

/**
 * What is known of a node's first output, from the ONNX operators' own shape rules (opset 17), for the operators with which constants can be made
 * to grow. Undefined where it cannot be told.
 */
export function outputOf(node: NodeProto, scope: Scope): Known | undefined {
  if (node.domain !== "" && node.domain !== "ai.onnx") return undefined;
  const rule = Object.hasOwn(rules, node.opType) ? rules[node.opType] : undefined;
  const made = rule?.(
    node,
    node.input.map((name) => scope.get(name)),
  );
  return made?.dims.every((dim) => dim >= 0) === true ? made : undefined;
}

const same: Rule = (_node, [x]) => x;
const sameShape: Rule = (_node, [x]) => x && { dataType: x.dataType, dims: x.dims };

const broadcast: Rule = (node, inputs) => {
  const shapes = inputs.map((input) => input?.dims);
  const dims = shapes.reduce((a, b) => a && b && broadcastDims(a, b));
  const [x, y] = inputs;
  if (dims === undefined || x === undefined) return undefined;
  const comparison = ["Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "And", "Or", "Xor"].includes(node.opType);
  const dataType = comparison ? bool : ((node.opType === "Where" ? y : x)?.dataType ?? x.dataType);
  const elements = inputs.length === 2 ? calculated(node.opType, x.elements, y?.elements) : undefined;
  return { dataType, dims, elements };
};

const rules: Readonly<Record<string, Rule>> = {
  Constant: (node) => knownConstant(node),
  ConstantOfShape: (node, [shape]) => {
    const value = attributeOf(node, "value")?.t;
    return shape?.elements && { dataType: value?.dataType ?? float32, dims: shape.elements };
  },
  Identity: same,
  Cast: (node, [x]) => x && { ...x, dataType: Number(attributeOf(node, "to")?.i ?? x.dataType) },
  Shape: (_node, [x]) => x && { dataType: int64, dims: [x.dims.length], elements: x.dims },
  Unsqueeze: (_node, [x, axes]) =>
    x?.elements && { dataType: x.dataType, dims: x.dims.length === 0 && axes?.elements?.length === 1 ? [1] : x.dims, elements: x.elements },
  Squeeze: (_node, [x]) => (x?.elements?.length === 1 ? { dataType: x.dataType, dims: [], elements: x.elements } : undefined),
  Gather: (_node, [x, index]) => {
    if (x?.elements === undefined || index?.elements === undefined || x.dims.length !== 1) return undefined;
    const { elements } = x;
    return { dataType: x.dataType, dims: index.dims, elements: index.elements.map((at) => elements.at(at) ?? Number.NaN) };
  },
  Concat: (node, inputs) => {
    const [first] = inputs;
    if (first === undefined || inputs.includes(undefined)) return undefined;
    const given = Number(attributeOf(node, "axis")?.i ?? 0n);
    const axis = given < 0 ? given + first.dims.length : given;
    const size = inputs.reduce((sum, input) => sum + (input?.dims[axis] ?? Number.NaN), 0);
    const elements =
      first.dims.length === 1 && inputs.every((input) => input?.elements) && size <= 64
        ? inputs.flatMap((input) => input?.elements ?? [])
        : undefined;
    return { dataType: first.dataType, dims: first.dims.map((dim, i) => (i === axis ? size : dim)), elements };
  },
  Reshape: (_node, [x, shape]) => {
    if (x === undefined || shape?.elements === undefined) return undefined;
    const wanted = shape.elements.map((dim, i) => (dim === 0 ? (x.dims[i] ?? Number.NaN) : dim));
    const rest = product(x.dims) / product(wanted.filter((dim) => dim !== -1));
    return { dataType: x.dataType, dims: wanted.map((dim) => (dim === -1 ? rest : dim)) };
  },
  Expand: (_node, [x, shape]) => x && shape?.elements && { dataType: x.dataType, dims: broadcastDims(x.dims, shape.elements) },
  Tile: (_node, [x, repeats]) =>
    x && repeats?.elements && { dataType: x.dataType, dims: x.dims.map((dim, i) => dim * (repeats.elements?.[i] ?? 1)) },
  Range: (_node, inputs) => {
    const [start, limit, delta] = inputs.map((input) => input?.elements?.[0]);
    if (start === undefined || limit === undefined || delta === undefined) return undefined;
    return { dataType: inputs[0]?.dataType ?? int64, dims: [Math.max(0, Math.ceil((limit - start) / delta))] };
  },
  Resize: (_node, [x, second, third, sizes]) => x && scaled(x, sizes?.elements, (third ?? second)?.elements),
  Upsample: (node, [x, scales]) => x && scaled(x, undefined, scales?.elements ?? attributeOf(node, "scales")?.floats),
  Pad: (node, [x, pads, , axes]) => {
    const sizes = pads?.elements ?? attributeOf(node, "pads")?.ints.map(Number);
    if (x === undefined || sizes?.length !== 2 * x.dims.length || axes !== undefined) return undefined;
    return { dataType: x.dataType, dims: x.dims.map((dim, i) => dim + (sizes[i] as number) + (sizes[i + x.dims.length] as number)) };
  },
  OneHot: (_node, [indices, depth, values]) =>
    indices && depth?.elements && { dataType: values?.dataType ?? float32, dims: [...indices.dims, depth.elements[0] ?? Number.NaN] },
  EyeLike: (node, [x]) => x && { dataType: Number(attributeOf(node, "dtype")?.i ?? x.dataType), dims: x.dims },
  RandomNormal: random,
  RandomUniform: random,
  MatMul: (_node, [a, b]) => {
    if (a === undefined || b === undefined || a.dims.length < 2 || b.dims.length < 2) return undefined;
    const outer = broadcastDims(a.dims.slice(0, -2), b.dims.slice(0, -2));
    return { dataType: a.dataType, dims: [...outer, a.dims.at(-2) as number, b.dims.at(-1) as number] };
  },
  ...Object.fromEntries(
    ["Relu", "Neg", "Abs", "Exp", "Sqrt", "Sigmoid", "Tanh", "Softmax", "Not", "Dropout", "Erf", "Floor", "Ceil"].map((op) => [
      op,
      sameShape,
    ]),
  ),
  ...Object.fromEntries(
    [
      "Add",
      "Sub",
      "Mul",
      "Div",
      "Pow",
      "Max",
      "Min",
      "Sum",
      "Mean",
      "Mod",
      "PRelu",
      "Where",
      "Equal",
      "Less",
      "LessOrEqual",
      "Greater",
      "GreaterOrEqual",
      "And",
      "Or",
      "Xor",
    ].map((op) => [op, broadcast]),
  ),
};

function random(node: NodeProto): Known | undefined {
  const shape = attributeOf(node, "shape")?.ints;
  return shape && { dataType: Number(attributeOf(node, "dtype")?.i || 1n), dims: shape.map(Number) };
}

/** Numpy's rule, which ONNX takes over. An impossible pair gives NaN, so that nothing is known. */
function broadcastDims(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1];
    return x === y || y === 1 ? x : x === 1 ? y : Number.NaN;
  });
}

function scaled(x: Known, sizes: readonly number[] | undefined, scales: readonly number[] | undefined): Known | undefined {
  if (sizes?.length === x.dims.length) return { dataType: x.dataType, dims: sizes };
  if (scales?.length !== x.dims.length) return undefined;
  return { dataType: x.dataType, dims: x.dims.map((dim, i) => Math.floor(dim * (scales[i] as number))) };
}

/** Arithmetic on small constants, with which shapes are put together. */
function calculated(opType: string, a: readonly number[] | undefined, b: readonly number[] | undefined): readonly number[] | undefined {
  if (a === undefined || b === undefined || (a.length !== b.length && a.length !== 1 && b.length !== 1)) return undefined;
  const operation = {
    Add: (x: number, y: number) => x + y,
    Sub: (x: number, y: number) => x - y,
    Mul: (x: number, y: number) => x * y,
    Div: (x: number, y: number) => Math.trunc(x / y),
  }[opType];
  if (operation === undefined) return undefined;
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) =>
    operation(a[a.length === 1 ? 0 : i] as number, b[b.length === 1 ? 0 : i] as number),
  );
}

function product(dims: readonly number[]): number {
  return dims.reduce((size, dim) => size * dim, 1);
}
