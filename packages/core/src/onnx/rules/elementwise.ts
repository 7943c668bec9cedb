import { countOf, isWhole } from "../known.ts";
import { broadcastDims, fitted, moved, stretched } from "./indexing.ts";
import type { Made, Operation, Rule } from "./operation.ts";

type Compute = (values: readonly number[]) => number;

const bool = 9;
const truth = (value: boolean): number => (value ? 1 : 0);

/** Exact ones only: where a runtime's last bit may differ, what hangs on it cannot be told. */
const unary: Readonly<Record<string, (value: number) => number>> = {
  Neg: (x) => -x,
  Abs: Math.abs,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Sqrt: Math.sqrt,
  Sign: Math.sign,
  Relu: (x) => Math.max(0, x),
  Not: (x) => truth(x === 0),
};

/** Operators whose output has the dims and the type of their first operand, and elements that are not followed. */
const alike: readonly string[] = (
  "Acos Acosh Asin Asinh Atan Atanh BatchNormalization Bernoulli BitwiseNot Celu Clip Cos Cosh CumProd CumSum Elu Erf Exp " +
  "FastGelu Gelu GroupNorm GroupNormalization HardSigmoid HardSwish Hardmax InstanceNormalization LRN LayerNormalization " +
  "LeakyRelu Log LogSoftmax LpNormalization MeanVarianceNormalization Mish QuickGelu RMSNormalization RandomNormalLike RandomUniformLike " +
  "Reciprocal ReverseSequence Round Scatter ScatterElements ScatterND Selu Shrink Sigmoid SimplifiedLayerNormalization Sin Sinh " +
  "SkipLayerNormalization SkipSimplifiedLayerNormalization Softmax Softplus Softsign Swish Tan Tanh TensorScatter " +
  "ThresholdedRelu Trilu RotaryEmbedding Scaler Normalizer Binarizer Imputer"
).split(" ");

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  Equal: (a, b) => a === b,
  Less: (a, b) => a < b,
  LessOrEqual: (a, b) => a <= b,
  Greater: (a, b) => a > b,
  GreaterOrEqual: (a, b) => a >= b,
  And: (a, b) => a !== 0 && b !== 0,
  Or: (a, b) => a !== 0 || b !== 0,
  Xor: (a, b) => (a !== 0) !== (b !== 0),
};

/** Broadcasting operators whose elements are not followed. */
const broadcasting: readonly string[] =
  "BiasGelu BiasSoftmax BitShift BitwiseAnd BitwiseOr BitwiseXor Mean PRelu QLinearAdd QLinearMul StringConcat".split(" ");

/** Rules for operators that work element by element. */
export const elementwise: Readonly<Record<string, Rule>> = {
  ...each(Object.keys(unary), (operation) => {
    const compute = unary[operation.node.opType] as (value: number) => number;
    return mapped(operation, operation.dataType(), compute);
  }),
  ...each(alike, ({ inputs: [x] }) => x && { dataType: x.dataType, dims: x.dims }),
  ...each(["Identity", "Optional", "OptionalGetElement"], ({ inputs: [x] }) => x),
  Dropout: ({ inputs: [x, , training] }) => {
    if (x === undefined) return undefined;
    const output = training === undefined ? x : { dataType: x.dataType, dims: x.dims };
    return [output, { dataType: bool, dims: x.dims }];
  },
  Cast: (operation) => cast(operation, operation.int("to") ?? 0),
  CastLike: (operation) => cast(operation, operation.dataType(1)),
  IsNaN: ({ inputs: [x] }) => x && { dataType: bool, dims: x.dims },
  IsInf: ({ inputs: [x] }) => x && { dataType: bool, dims: x.dims },
  QuantizeLinear: ({ inputs: [x, , zero], node }) => {
    const type = Number(node.attribute.find(({ name }) => name === "output_dtype")?.i ?? 0n);
    return x && { dataType: type || (zero?.dataType ?? 2), dims: x.dims };
  },
  DequantizeLinear: ({ inputs: [x, scale] }) => x && { dataType: scale?.dataType ?? 1, dims: x.dims },
  DynamicQuantizeLinear: ({ inputs: [x] }) =>
    x && [
      { dataType: 2, dims: x.dims },
      { dataType: 1, dims: [] },
      { dataType: 2, dims: [] },
    ],
  Add: arithmetic(([a, b]) => (a as number) + (b as number)),
  Sub: arithmetic(([a, b]) => (a as number) - (b as number)),
  Mul: arithmetic(([a, b]) => (a as number) * (b as number)),
  Div: (operation) =>
    joined(operation, operation.dataType(), ([a, b]) => {
      const quotient = (a as number) / (b as number);
      return isFloat(operation.dataType()) ? quotient : Math.trunc(quotient);
    }),
  Mod: (operation) => {
    const like = operation.int("fmod") === 1 ? 0 : 1;
    return joined(operation, operation.dataType(), ([a = 0, b = 0]) => (like === 0 ? a % b : a - b * Math.floor(a / b)));
  },
  Pow: (operation) =>
    joined(operation, operation.dataType(), ([a = 0, b = 0]) => {
      const power = a ** b;
      return Number.isInteger(a) && Number.isInteger(b) && Number.isSafeInteger(power) ? power : Number.NaN;
    }),
  Sum: arithmetic((values) => values.reduce((a, b) => a + b)),
  Max: (operation) => joined(operation, operation.dataType(), (values) => Math.max(...values), true),
  Min: (operation) => joined(operation, operation.dataType(), (values) => Math.min(...values), true),
  ...each(Object.keys(comparisons), (operation) => {
    const compare = comparisons[operation.node.opType] as (a: number, b: number) => boolean;
    return joined(operation, bool, ([a, b]) =>
      Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : truth(compare(a as number, b as number)),
    );
  }),
  Where: (operation) =>
    joined(
      operation,
      operation.dataType(1),
      ([condition, a, b]) => {
        if (Number.isNaN(condition)) return Number.NaN;
        return (condition === 0 ? b : a) as number;
      },
      true,
    ),
  ...each(broadcasting, (operation) => {
    const dims = broadcastOf(operation);
    const width = operation.inputs.reduce((sum, input) => sum + (input?.width ?? 0), 0);
    return dims && { dataType: operation.dataType(), dims, width: operation.node.opType === "StringConcat" ? width : undefined };
  }),
};

/** A rule for each of several operators. */
export function each(opTypes: readonly string[], rule: Rule): Readonly<Record<string, Rule>> {
  return Object.fromEntries(opTypes.map((opType) => [opType, rule]));
}

function isFloat(dataType: number): boolean {
  return dataType === 1 || dataType === 10 || dataType === 11;
}

function arithmetic(compute: Compute): Rule {
  return (operation) => joined(operation, operation.dataType(), compute);
}

function cast(operation: Operation, dataType: number): Made | undefined {
  const toBool = dataType === bool;
  const truncates = !isFloat(dataType);
  return mapped(operation, dataType, (x) => (toBool ? truth(x !== 0) : truncates ? Math.trunc(x) : x));
}

function mapped({ inputs: [x] }: Operation, dataType: number, compute: (value: number) => number): Made | undefined {
  const elements = x?.elements?.map((value) => (Number.isNaN(value) ? value : fitted(dataType, compute(value))));
  return x && { dataType, dims: x.dims, elements };
}

function broadcastOf(operation: Operation): readonly number[] | undefined {
  const shapes = operation.inputs.flatMap((input, at) => (input === undefined ? [] : [operation.shape(at)]));
  return shapes.includes(undefined) ? undefined : broadcastDims(shapes as (readonly number[])[]);
}

/** @param picks Whether the output's elements are some of the operands', which may then be integers that are not exact here. */
function joined(operation: Operation, dataType: number, compute: Compute, picks = false): Made | undefined {
  const dims = broadcastOf(operation);
  if (dims === undefined) return undefined;
  if (!isWhole(dims) || operation.inputs.some((input) => input?.elements === undefined)) return { dataType, dims };
  const columns = operation.inputs.map((input, at) => moved(operation, at, dims, (place) => stretched(input?.dims ?? [], place)));
  if (columns.includes(undefined)) return { dataType, dims };
  const exact = picks || isFloat(operation.dataType()) ? () => true : Number.isSafeInteger;
  const elements = Array.from({ length: countOf(dims) }, (_, i) => {
    const values = columns.map((column) => (column as readonly number[])[i] as number);
    if (picks) return compute(values);
    return values.every(exact) ? fitted(dataType, compute(values)) : Number.NaN;
  });
  return { dataType, dims, elements };
}
