import { must, mustBeNumber, mustBeOneOf, mustKnow, toFloat16Bits } from "../tensor/index.ts";
import type { ImageLike, TensorOf } from "../types/index.ts";
import { flatten } from "./alpha.ts";
import { checkImage, isOpaque, type Pixels } from "./check-image.ts";
import { type Color, luma, toRgb } from "./color.ts";
import { type FitOptions, type Plan, planFit } from "./place.ts";
import { resampleBox } from "./resample.ts";
import { checkSampling, type ResampleOptions } from "./resize.ts";
import { type Levels, writePixels } from "./write-pixels.ts";

/** Element types that an image can become. */
export type ImageDType = "float32" | "float16" | "uint8";

/** Options of {@link imageTensor}: a model's preprocessing, as its card tells it. */
export interface ImageTensorOptions<D extends ImageDType = ImageDType> extends FitOptions, ResampleOptions {
  /** Subtracted after scaling, for all channels or for each, in the order of `colors`. Default: 0. */
  readonly mean?: number | readonly number[] | undefined;
  /** Divided by at the end, for all channels or for each, in the order of `colors`. Not 0. Default: 1. */
  readonly std?: number | readonly number[] | undefined;
  /** What levels from 0 to 255 are multiplied by. Default: 1/255. */
  readonly scale?: number | undefined;
  /** Order of the axes: batch, channels, height, width, or the channels last. Default: `"NCHW"`. */
  readonly layout?: "NCHW" | "NHWC" | undefined;
  /** Order of the channels; `"gray"` is one, the luma of ITU-R BT.601. Default: `"rgb"`. */
  readonly colors?: "rgb" | "bgr" | "gray" | undefined;
  /** Element type. `"uint8"` are the levels themselves: `scale`, `mean` and `std` are refused. Default: `"float32"`. */
  readonly dtype?: D | undefined;
  /** What transparent pixels and the padding of `"contain"` become. Default: 0, black. */
  readonly background?: Color | undefined;
}

const arrays = { float32: Float32Array, float16: Uint16Array, uint8: Uint8Array } satisfies Record<ImageDType, unknown>;

const names: readonly string[] = [
  ...["width", "height", "fit", "resample", "antialias"],
  ...["mean", "std", "scale", "layout", "colors", "dtype", "background"],
];

/**
 * An image as a model takes it: `[1, channels, height, width]`, or the channels last, each level as (level · scale − mean) / std.
 *
 * The image is laid over the background, scaled (see `resize`) and written in one pass; nothing is allocated per pixel. Where boxes must find their
 * way back, `placement` takes the same options.
 *
 * @throws InputError INPUT_SHAPE, INPUT_DTYPE; ConfigError CONFIG_INVALID
 */
export function imageTensor<D extends ImageDType = "float32">(image: ImageLike, options: ImageTensorOptions<D> = {}): TensorOf<D> {
  mustKnow(options, names);
  const { layout = "NCHW", colors = "rgb", background = 0 } = options;
  const dtype = (options.dtype ?? "float32") as D;
  mustBeOneOf(["NCHW", "NHWC"], "layout", layout);
  mustBeOneOf(["rgb", "bgr", "gray"], "colors", colors);
  mustBeOneOf(Object.keys(arrays), "dtype", dtype);
  const rgb = toRgb(background);
  const levels = levelsOf(dtype, colors === "gray" ? 1 : 3, options);
  const sampling = checkSampling(options);
  const given = checkImage(image);
  const plan = planFit(given, options);
  const source = isOpaque(given) ? given : flatten(given, rgb);

  const { width, height } = plan;
  const channels = levels.length;
  const data = new arrays[dtype](channels * width * height);
  // With one channel both layouts are the same.
  const planar = layout === "NCHW" || channels === 1;
  const target = { data, width, pixelStep: planar ? 1 : channels, channelStep: planar ? width * height : 1, reversed: colors === "bgr" };
  if (plan.innerWidth !== width || plan.innerHeight !== height) fillPadding(target, levels, colors === "gray" ? [luma(...rgb)] : rgb);
  const whole = asItIs(source, plan);
  const part = whole ?? { image: resampleBox(source, plan.box, plan.innerWidth, plan.innerHeight, sampling, dropAlpha(source)), from: 0 };
  writePixels(target, levels, part.image, part.from, plan);
  const dims = layout === "NCHW" ? [1, channels, height, width] : [1, height, width, channels];
  return { type: dtype, data, dims } as unknown as TensorOf<D>;
}

const dropAlpha = ({ channels }: Pixels): 1 | 3 => (channels === 1 ? 1 : 3);

/** The image itself and where to begin in it, where nothing is to be scaled. */
function asItIs(image: Pixels, { box, innerWidth, innerHeight }: Plan): { readonly image: Pixels; readonly from: number } | undefined {
  const [left, top, right, bottom] = box;
  const same = right - left === innerWidth && bottom - top === innerHeight && Number.isInteger(left) && Number.isInteger(top);
  return same ? { image, from: (top * image.width + left) * image.channels } : undefined;
}

/** What each of the 256 levels becomes, for each channel of the result. */
function levelsOf(dtype: ImageDType, channels: number, options: ImageTensorOptions): Levels {
  const { scale = 1 / 255, mean = 0, std = 1 } = options;
  if (dtype === "uint8") {
    for (const name of ["scale", "mean", "std"] as const) must(options[name] === undefined, name, 'none with dtype "uint8"', options[name]);
  }
  mustBeNumber("scale", scale);
  const means = perChannel("mean", mean, channels);
  const stds = perChannel("std", std, channels);
  must(
    stds.every((each) => each !== 0),
    "std",
    "other numbers than 0",
    std,
  );
  return means.map((each, channel) => {
    const table = new arrays[dtype](256);
    for (let level = 0; level < 256; level++) {
      const value = (level * scale - each) / (stds[channel] as number);
      table[level] = dtype === "uint8" ? level : dtype === "float16" ? toFloat16Bits(value) : value;
    }
    return table;
  });
}

function perChannel(path: string, value: number | readonly number[], channels: number): readonly number[] {
  if (typeof value === "number") {
    mustBeNumber(path, value);
    return new Array<number>(channels).fill(value);
  }
  const right = Array.isArray(value) && value.length === channels && value.every((each) => Number.isFinite(each));
  must(right, path, `a finite number, or ${channels} of them`, value);
  return value;
}

function fillPadding(
  { data, pixelStep, channelStep, reversed }: Parameters<typeof writePixels>[0],
  levels: Levels,
  color: readonly number[],
): void {
  for (const [channel, table] of levels.entries()) {
    const value = table[color[reversed ? 2 - channel : channel] as number] as number;
    if (pixelStep === 1) data.fill(value, channel * channelStep, (channel + 1) * channelStep);
    else for (let at = channel; at < data.length; at += pixelStep) data[at] = value;
  }
}
