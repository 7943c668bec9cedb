import { countOf, isWhole, knownConstant } from "../known.ts";
import { each } from "./elementwise.ts";
import { broadcastDims, fitted, moved, stretched } from "./indexing.ts";
import type { Made, Operation, Rule } from "./operation.ts";

const float32 = 1;
const int64 = 7;

/** Rules for operators that make a tensor from its size, or repeat one. */
export const growth: Readonly<Record<string, Rule>> = {
  Constant: ({ node }) => knownConstant(node),
  ConstantOfShape: (operation) => {
    const dims = operation.sizes(0);
    if (dims === undefined) return undefined;
    const tensor = operation.attribute("value")?.t;
    const fill = tensor === undefined ? 0 : knownConstant(operation.node)?.elements?.[0];
    const filled = fill !== undefined && isWhole(dims) && operation.affords(countOf(dims));
    const elements = filled ? new Array<number>(countOf(dims)).fill(fill) : undefined;
    return { dataType: tensor?.dataType ?? float32, dims, elements };
  },
  Range: (operation) => {
    const [start, limit, delta = 1] = [0, 1, 2].map((at) => operation.sizes(at)?.[0]);
    if (start === undefined || limit === undefined) return undefined;
    const dataType = operation.dataType() || int64;
    const count = Math.max(0, Math.ceil((limit - start) / delta));
    const exact = Number.isSafeInteger(start) && Number.isSafeInteger(limit) && Number.isSafeInteger(delta);
    const elements =
      exact && operation.affords(count) ? Array.from({ length: count }, (_, i) => fitted(dataType, start + i * delta)) : undefined;
    return { dataType, dims: [count], elements };
  },
  Expand: (operation) => {
    const shape = operation.sizes(1);
    const from = operation.shape(0);
    if (shape === undefined) return undefined;
    const dims = broadcastDims([from ?? [], shape]);
    return { dataType: operation.dataType(), dims, elements: moved(operation, 0, dims, (place) => stretched(from ?? [], place)) };
  },
  Tile: (operation) => {
    const from = operation.shape(0);
    const repeats = operation.sizes(1);
    const second = operation.inputs[2];
    if (from === undefined || repeats === undefined) return undefined;
    // Opset 1 has one number of tiles, and the axis.
    const axis = second === undefined ? undefined : (operation.sizes(2)?.[0] ?? Number.NaN);
    const dims = from.map((dim, at) => dim * (axis === undefined ? (repeats[at] ?? 1) : at === axis ? (repeats[0] ?? 1) : 1));
    const elements = moved(operation, 0, dims, (place) => place.map((coordinate, at) => coordinate % (from[at] as number)));
    return { dataType: operation.dataType(), dims, elements };
  },
  Pad: (operation) => {
    const from = operation.shape(0);
    const pads = operation.ints("pads") ?? operation.ints("paddings") ?? operation.sizes(1);
    if (from === undefined || pads === undefined) return undefined;
    const axes = operation.inputs[3] === undefined ? from.map((_, axis) => axis) : operation.sizes(3);
    if (axes === undefined) return undefined;
    const half = pads.length / 2;
    const padOf = (axis: number, end: boolean): number => {
      const at = axes.findIndex((given) => (given < 0 ? given + from.length : given) === axis);
      return at < 0 ? 0 : (pads[end ? at + half : at] ?? Number.NaN);
    };
    return { dataType: operation.dataType(), dims: from.map((dim, axis) => dim + padOf(axis, false) + padOf(axis, true)) };
  },
  Resize: resized,
  Upsample: (operation) => {
    const from = operation.shape(0);
    const { floats = [], ints = [] } = operation.attribute("scales") ?? {};
    const scales = floats.length > 0 ? floats : ints.length > 0 ? ints.map(Number) : operation.sizes(1);
    return from && scales && { dataType: operation.dataType(), dims: from.map((dim, i) => Math.floor(dim * (scales[i] ?? Number.NaN))) };
  },
  OneHot: (operation) => {
    const from = operation.shape(0);
    const depth = operation.sizes(1)?.[0] ?? Number.NaN;
    if (from === undefined) return undefined;
    const axis = operation.axis("axis", -1, from.length + 1);
    return { dataType: operation.dataType(2), dims: [...from.slice(0, axis), depth, ...from.slice(axis)] };
  },
  EyeLike: (operation) => {
    const dims = operation.shape(0);
    return dims && { dataType: operation.int("dtype") ?? operation.dataType(), dims };
  },
  ...each(["RandomNormal", "RandomUniform"], (operation) => {
    const dims = operation.ints("shape");
    return dims && { dataType: operation.int("dtype") || float32, dims };
  }),
  Multinomial: (operation) => {
    const rows = operation.shape(0)?.[0] ?? Number.NaN;
    return { dataType: operation.int("dtype") || 6, dims: [rows, operation.int("sample_size") ?? 1] };
  },
  ...each(["HannWindow", "HammingWindow", "BlackmanWindow"], (operation) => ({
    dataType: operation.int("output_datatype") || float32,
    dims: [operation.sizes(0)?.[0] ?? Number.NaN],
  })),
  MelWeightMatrix: (operation) => {
    const [bins = Number.NaN, length = Number.NaN] = [operation.sizes(0)?.[0], operation.sizes(1)?.[0]];
    return { dataType: operation.int("output_datatype") || float32, dims: [Math.floor(length / 2) + 1, bins] };
  },
  CenterCropPad: (operation) => {
    const from = operation.shape(0);
    const shape = operation.sizes(1);
    if (from === undefined || shape === undefined) return undefined;
    const axes = operation.ints("axes")?.map((axis) => (axis < 0 ? axis + from.length : axis)) ?? from.map((_, axis) => axis);
    return { dataType: operation.dataType(), dims: from.map((dim, axis) => shape[axes.indexOf(axis)] ?? dim) };
  },
  AffineGrid: (operation) => {
    const size = operation.sizes(1);
    return size && { dataType: operation.dataType(), dims: [size[0] ?? Number.NaN, ...size.slice(2), size.length - 2] };
  },
  Col2Im: (operation) => {
    const from = operation.shape(0);
    const image = operation.sizes(1);
    const block = operation.sizes(2);
    if (from === undefined || image === undefined || block === undefined) return undefined;
    return { dataType: operation.dataType(), dims: [from[0] ?? Number.NaN, (from[1] ?? Number.NaN) / countOf(block), ...image] };
  },
  FeatureVectorizer: (operation) => {
    const size = (operation.ints("inputdimensions") ?? []).reduce((a, b) => a + b, 0);
    return { dataType: float32, dims: [operation.inputs[0]?.dims?.[0] ?? Number.NaN, size] };
  },
  TfIdfVectorizer: (operation) => {
    const from = operation.inputs[0]?.dims;
    const size = (operation.ints("ngram_indexes") ?? []).reduce((max, index) => Math.max(max, index + 1), 0);
    return { dataType: float32, dims: [...(from?.slice(0, -1) ?? []), size] };
  },
  ...each(["TreeEnsembleRegressor", "TreeEnsemble", "LinearRegressor", "SVMRegressor"], (operation) => {
    const targets = operation.int("n_targets") ?? operation.int("targets") ?? 1;
    return { dataType: float32, dims: [operation.inputs[0]?.dims?.[0] ?? Number.NaN, targets] };
  }),
};

function resized(operation: Operation): Made | undefined {
  const from = operation.shape(0);
  if (from === undefined) return undefined;
  // Opset 10 has the scales second; later ones have a region of interest there.
  const sizes = operation.inputs[3] === undefined ? undefined : operation.sizes(3);
  const scales = sizes !== undefined ? undefined : operation.sizes(operation.node.input.length > 2 ? 2 : 1);
  const axes = operation.ints("axes")?.map((axis) => (axis < 0 ? axis + from.length : axis)) ?? from.map((_, axis) => axis);
  const ratios = sizes?.map((size, i) => size / (from[axes[i] as number] as number)) ?? [];
  const policy = operation.text("keep_aspect_ratio_policy") ?? "stretch";
  const ratio = policy === "stretch" ? undefined : policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios);
  const dims = from.map((dim, axis) => {
    const at = axes.indexOf(axis);
    if (at < 0) return dim;
    if (sizes !== undefined) return ratio === undefined ? (sizes[at] ?? Number.NaN) : Math.round(dim * ratio);
    return Math.floor(dim * (scales?.[at] ?? Number.NaN));
  });
  return { dataType: operation.dataType(), dims };
}
