import { must, mustBeWhole, mustKnow } from "../tensor/index.ts";
import type { ImageLike, PixelImage } from "../types/index.ts";
import { checkImage, type Pixels } from "./check-image.ts";
import { type Color, luma, toRgb } from "./color.ts";

/** A part of an image in whole pixels. */
export interface CropOptions {
  /** Default: 0. */
  readonly left?: number | undefined;
  /** Default: 0. */
  readonly top?: number | undefined;
  readonly width: number;
  readonly height: number;
}

/**
 * A part of an image, copied.
 *
 * @throws InputError INPUT_SHAPE, INPUT_DTYPE; ConfigError CONFIG_INVALID where the part is not inside the image
 */
export function crop(image: ImageLike, options: CropOptions): PixelImage {
  mustKnow(options, ["left", "top", "width", "height"]);
  const { left = 0, top = 0, width, height } = options;
  const pixels = checkImage(image);
  mustBeWhole("left", left, 0, pixels.width - 1);
  mustBeWhole("top", top, 0, pixels.height - 1);
  mustBeWhole("width", width, 1, pixels.width - left);
  mustBeWhole("height", height, 1, pixels.height - top);
  const out = new Uint8ClampedArray(width * height * pixels.channels);
  copyInto({ data: out, width, height }, pixels, { left: -left, top: -top });
  return { data: out, width, height, channels: pixels.channels };
}

/**
 * The middle of an image, copied; an odd pixel more is cut off right and below (Keras' CenterCrop).
 *
 * @param options `width` and `height` in pixels, at most the image's.
 * @throws InputError INPUT_SHAPE, INPUT_DTYPE; ConfigError CONFIG_INVALID
 */
export function centerCrop(image: ImageLike, options: Pick<CropOptions, "width" | "height">): PixelImage {
  mustKnow(options, ["width", "height"]);
  const pixels = checkImage(image);
  const { width, height } = options;
  mustBeWhole("width", width, 1, pixels.width);
  mustBeWhole("height", height, 1, pixels.height);
  return crop(image, { width, height, left: Math.floor((pixels.width - width) / 2), top: Math.floor((pixels.height - height) / 2) });
}

/** Pixels to add on each side. */
export interface PadOptions {
  /** Whole pixels, 0 to 32768, as on the other sides. Default: 0. */
  readonly left?: number | undefined;
  readonly top?: number | undefined;
  readonly right?: number | undefined;
  readonly bottom?: number | undefined;
  /** What the new pixels are; opaque in an image with alpha, its luma in a gray one. Default: 0, black. */
  readonly background?: Color | undefined;
}

/**
 * An image with more pixels around it.
 *
 * @throws InputError INPUT_SHAPE, INPUT_DTYPE; ConfigError CONFIG_INVALID
 */
export function pad(image: ImageLike, options: PadOptions): PixelImage {
  mustKnow(options, ["left", "top", "right", "bottom", "background"]);
  const { left = 0, top = 0, right = 0, bottom = 0, background = 0 } = options;
  for (const [side, pixels] of Object.entries({ left, top, right, bottom })) mustBeWhole(side, pixels, 0, 32_768);
  const pixels = checkImage(image);
  const width = left + pixels.width + right;
  const height = top + pixels.height + bottom;
  must(width * height <= 2 ** 27, "options", `at most ${2 ** 27} pixels in all`, width * height);
  return surround(pixels, { left, top, width, height }, background);
}

/** Where an image goes, and the size of what it goes into. */
interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A filled image with another in it. */
export function surround(inner: Pixels, place: Area, background: Color): PixelImage {
  const { channels } = inner;
  const { width, height } = place;
  const rgb = toRgb(background);
  const out = new Uint8ClampedArray(width * height * channels);
  const pixel = channels === 1 ? [luma(...rgb)] : [...rgb, 255].slice(0, channels);
  if (pixel.some((level) => level !== 0)) {
    out.set(pixel);
    // Doubling: as fast as memory, whatever the number of channels.
    for (let filled = channels; filled < out.length; filled *= 2) out.copyWithin(filled, 0, filled);
  }
  copyInto({ data: out, width, height }, inner, place);
  return { data: out, width, height, channels };
}

/** Copies what falls inside. */
function copyInto(
  to: { readonly data: Uint8ClampedArray; readonly width: number; readonly height: number },
  { data, width, height, channels }: Pixels,
  { left, top }: { readonly left: number; readonly top: number },
): void {
  const from = Math.max(0, -left);
  const length = Math.min(width - from, to.width - Math.max(0, left)) * channels;
  for (let y = Math.max(0, -top); y < height && y + top < to.height; y++) {
    const row = (y * width + from) * channels;
    to.data.set(data.subarray(row, row + length), ((y + top) * to.width + from + left) * channels);
  }
}
