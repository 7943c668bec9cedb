import { must, mustBeOneOf, mustKnow } from "../tensor/index.ts";
import type { ImageLike, PixelImage } from "../types/index.ts";
import { premultiply, unpremultiply } from "./alpha.ts";
import { checkImage, isOpaque, type Pixels } from "./check-image.ts";
import { type Plan, planFit } from "./place.ts";
import { resampleBox, type Sampling } from "./resample.ts";
import type { Resample } from "./weights.ts";

/** How pixels between pixels are found. */
export interface ResampleOptions {
  /**
   * `"nearest"`, `"bilinear"`, `"bicubic"` or `"lanczos"`, as Pillow names and computes them: to the same bytes, or one level beside. Default:
   * `"bilinear"`.
   */
  readonly resample?: Resample | undefined;
  /**
   * Whether all pixels that fall into one count when an image is made smaller, as in Pillow, and in torchvision by default. `false` looks only at
   * the next ones, as OpenCV's `resize` and PyTorch's `interpolate` do, with their cubic (a = −0.75). Nearest never antialiases. Default: true.
   */
  readonly antialias?: boolean | undefined;
}

/** Options of {@link resize}. */
export interface ResizeOptions extends ResampleOptions {
  /** In pixels, 1 to 32768. Default: what keeps the shape. */
  readonly width?: number | undefined;
  /** In pixels, 1 to 32768. Default: what keeps the shape. */
  readonly height?: number | undefined;
}

/**
 * An image of another size, whole and with the same channels. Colours are mixed by their alpha.
 *
 * @throws InputError INPUT_SHAPE, INPUT_DTYPE; ConfigError CONFIG_INVALID
 */
export function resize(image: ImageLike, options: ResizeOptions): PixelImage {
  mustKnow(options, ["width", "height", "resample", "antialias"]);
  const { width, height } = options;
  must(width !== undefined || height !== undefined, "width", "a width, a height, or both", width);
  const pixels = checkImage(image);
  return clamped(scaleTo(pixels, planFit(pixels, { width, height }), checkSampling(options)));
}

/** Sampling options with their defaults. @throws ConfigError CONFIG_INVALID */
export function checkSampling({ resample = "bilinear", antialias = true }: ResampleOptions): Sampling {
  mustBeOneOf(["nearest", "bilinear", "bicubic", "lanczos"], "resample", resample);
  mustBeOneOf([true, false], "antialias", antialias);
  return { resample, antialias };
}

/** What a plan takes of an image, at the size that it has there. */
export function scaleTo(image: Pixels, { box, innerWidth, innerHeight }: Plan, sampling: Sampling): Pixels {
  if (sampling.resample === "nearest" || isOpaque(image)) return resampleBox(image, box, innerWidth, innerHeight, sampling);
  return unpremultiply(resampleBox(premultiply(image), box, innerWidth, innerHeight, sampling));
}

/** The same bytes in the array class that `ImageData` takes. */
export function clamped({ data, width, height, channels }: Pixels): PixelImage {
  return { data: new Uint8ClampedArray(data.buffer, data.byteOffset, data.length), width, height, channels };
}
