import { each } from "./elementwise.ts";
import type { Operation, Rule } from "./operation.ts";

type Dims = readonly number[];

const int32 = 6;

/** Rules for operators that slide a window over an image, or pick parts of one. */
export const windows: Readonly<Record<string, Rule>> = {
  ...each(["Conv", "FusedConv", "ConvInteger"], (operation) => convolved(operation, operation.shape(1))),
  QLinearConv: (operation) => convolved(operation, operation.shape(3)),
  DeformConv: (operation) => convolved(operation, operation.shape(1)),
  ...each(["MaxPool", "AveragePool", "LpPool", "QLinearAveragePool", "MaxpoolWithMask"], (operation) => {
    const from = operation.shape(0);
    const kernel = operation.ints("kernel_shape");
    if (from === undefined || kernel === undefined) return undefined;
    const dims = [...from.slice(0, 2), ...slid(operation, from.slice(2), kernel)];
    return [
      { dataType: operation.dataType(), dims },
      { dataType: 7, dims },
    ];
  }),
  ...each(["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool", "QLinearGlobalAveragePool"], (operation) => {
    const from = operation.inputs[0]?.dims;
    return from && { dataType: operation.dataType(), dims: from.map((dim, axis) => (axis < 2 ? dim : 1)) };
  }),
  ...each(["ConvTranspose", "ConvTransposeWithDynamicPads"], (operation) => {
    const from = operation.shape(0);
    const weights = operation.shape(1);
    if (from === undefined || weights === undefined) return undefined;
    const channels = (weights[1] ?? Number.NaN) * (operation.int("group") ?? 1);
    const kernel = operation.ints("kernel_shape") ?? weights.slice(2);
    const asked = operation.ints("output_shape") ?? [];
    const spatial = asked.length > 0 ? asked.slice(-kernel.length) : unslid(operation, from.slice(2), kernel);
    return { dataType: operation.dataType(), dims: [from[0] ?? Number.NaN, channels, ...spatial] };
  }),
  MaxUnpool: (operation) => {
    const from = operation.shape(0);
    const asked = operation.inputs[2] === undefined ? undefined : operation.sizes(2);
    const kernel = operation.ints("kernel_shape") ?? [];
    if (from === undefined) return undefined;
    return { dataType: operation.dataType(), dims: asked ?? [...from.slice(0, 2), ...unslid(operation, from.slice(2), kernel)] };
  },
  GridSample: (operation) => {
    const from = operation.shape(0);
    const grid = operation.shape(1);
    return from && grid && { dataType: operation.dataType(), dims: [...from.slice(0, 2), ...grid.slice(1, -1)] };
  },
  ...each(["RoiAlign", "MaxRoiPool"], (operation) => {
    const [rois = Number.NaN] = operation.shape(1) ?? [];
    const [height = 1, width = 1] = operation.ints("pooled_shape") ?? [
      operation.int("output_height") ?? 1,
      operation.int("output_width") ?? 1,
    ];
    return { dataType: operation.dataType(), dims: [rois, operation.inputs[0]?.dims?.[1] ?? Number.NaN, height, width] };
  }),
  CropAndResize: (operation) => {
    const [rois = Number.NaN] = operation.shape(1) ?? [];
    const size = operation.sizes(3) ?? [Number.NaN, Number.NaN];
    return { dataType: operation.dataType(), dims: [rois, operation.inputs[0]?.dims?.[1] ?? Number.NaN, ...size] };
  },
};

function convolved(operation: Operation, weights: Dims | undefined): ReturnType<Rule> {
  const from = operation.shape(0);
  if (from === undefined || weights === undefined) return undefined;
  const spatial = slid(operation, from.slice(2), operation.ints("kernel_shape") ?? weights.slice(2));
  const dataType = operation.node.opType === "ConvInteger" ? int32 : operation.dataType();
  return { dataType, dims: [from[0] ?? Number.NaN, weights[0] ?? Number.NaN, ...spatial] };
}

/** How many places a window has on each axis. */
function slid(operation: Operation, from: Dims, kernel: Dims): Dims {
  const { strides, dilations, pads } = slides(operation);
  const mode = operation.text("auto_pad") ?? "NOTSET";
  const round = operation.int("ceil_mode") === 1 ? Math.ceil : Math.floor;
  return from.map((dim, i) => {
    const step = strides[i] ?? 1;
    if (mode.startsWith("SAME")) return Math.ceil(dim / step);
    const padded = dim + (mode === "VALID" ? 0 : (pads[i] ?? 0) + (pads[i + from.length] ?? 0));
    return round((padded - (dilations[i] ?? 1) * ((kernel[i] ?? Number.NaN) - 1) - 1) / step) + 1;
  });
}

/** How large an image is whose windows are that many. */
function unslid(operation: Operation, from: Dims, kernel: Dims): Dims {
  const { strides, dilations, pads } = slides(operation);
  const extra = operation.ints("output_padding") ?? [];
  const same = operation.text("auto_pad")?.startsWith("SAME") === true;
  return from.map((dim, i) => {
    const step = strides[i] ?? 1;
    if (same) return dim * step;
    const reach = (dilations[i] ?? 1) * ((kernel[i] ?? Number.NaN) - 1) + 1;
    return step * (dim - 1) + (extra[i] ?? 0) + reach - (pads[i] ?? 0) - (pads[i + from.length] ?? 0);
  });
}

function slides(operation: Operation): { strides: Dims; dilations: Dims; pads: Dims } {
  const [strides = [], dilations = [], pads = []] = ["strides", "dilations", "pads"].map((name) => operation.ints(name));
  return { strides, dilations, pads };
}
