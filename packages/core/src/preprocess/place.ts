import { must, mustBeOneOf } from "../tensor/index.ts";
import type { Box, Placement } from "../types/index.ts";
import { checkSide as checkImageSide } from "./check-image.ts";

/** The size that an image is brought to, and what becomes of its shape. */
export interface FitOptions {
  /** Width of the result in pixels, 1 to 32768. Default: what keeps the shape, where `height` is given; else the image's. */
  readonly width?: number | undefined;
  /** Height of the result in pixels, 1 to 32768. Default: what keeps the shape, where `width` is given; else the image's. */
  readonly height?: number | undefined;
  /**
   * `"stretch"` fills the size, whatever becomes of the shape. `"cover"` keeps the shape and cuts off what is over, the same on both sides.
   * `"contain"` keeps the shape and pads, the same on both sides (the odd pixel right and below): the field's letterbox. Default: `"stretch"`.
   */
  readonly fit?: "stretch" | "cover" | "contain" | undefined;
}

/** What is taken from where, and where it goes. */
export interface Plan extends Placement {
  /** The part of the image that is taken, in its pixels; fractions where a shape is cut. */
  readonly box: Box;
  /** The part of the result that it fills. */
  readonly left: number;
  readonly top: number;
  readonly innerWidth: number;
  readonly innerHeight: number;
}

/** Longest side, and most pixels, of a result. */
const maxSide = 32_768;
const maxPixels: number = 2 ** 27;

/** Works a fit out. @throws ConfigError CONFIG_INVALID */
export function planFit(image: { readonly width: number; readonly height: number }, { width, height, fit = "stretch" }: FitOptions): Plan {
  mustBeOneOf(["stretch", "cover", "contain"], "fit", fit);
  const { width: sourceWidth, height: sourceHeight } = image;
  const size = {
    width: width ?? (height === undefined ? sourceWidth : Math.max(1, Math.round((sourceWidth * height) / sourceHeight))),
    height: height ?? (width === undefined ? sourceHeight : Math.max(1, Math.round((sourceHeight * width) / sourceWidth))),
  };
  checkSide("width", width ?? 1);
  checkSide("height", height ?? 1);
  must(size.width * size.height <= maxPixels, "width", `at most ${maxPixels} pixels in all`, size.width);
  let box: Box = [0, 0, sourceWidth, sourceHeight];
  let [innerWidth, innerHeight] = [size.width, size.height];
  const scales = [size.width / sourceWidth, size.height / sourceHeight] as const;
  if (fit === "cover") {
    const scale = Math.max(...scales);
    // The side that decides is taken whole: dividing it by its own scale could miss it by a rounding.
    const x = scales[0] === scale ? 0 : (sourceWidth - size.width / scale) / 2;
    const y = scales[1] === scale ? 0 : (sourceHeight - size.height / scale) / 2;
    box = [x, y, sourceWidth - x, sourceHeight - y];
  } else if (fit === "contain") {
    const scale = Math.min(...scales);
    innerWidth = Math.max(1, Math.round(sourceWidth * scale));
    innerHeight = Math.max(1, Math.round(sourceHeight * scale));
  }
  const left = Math.floor((size.width - innerWidth) / 2);
  const top = Math.floor((size.height - innerHeight) / 2);
  const scaleX = innerWidth / (box[2] - box[0]);
  const scaleY = innerHeight / (box[3] - box[1]);
  const offsets = { offsetX: left - box[0] * scaleX, offsetY: top - box[1] * scaleY };
  return { sourceWidth, sourceHeight, ...size, scaleX, scaleY, ...offsets, box, left, top, innerWidth, innerHeight };
}

/**
 * Where an image of that size comes to lie when it is brought to another, for `mapBoxes` and `mapPoints` of `@predikt/core/postprocess`.
 *
 * @param options As for `imageTensor`; others than these are not looked at.
 * @throws InputError INPUT_SHAPE; ConfigError CONFIG_INVALID
 */
export function placement(image: { readonly width: number; readonly height: number }, options: FitOptions): Placement {
  checkImageSide("image.width", image.width);
  checkImageSide("image.height", image.height);
  return toPlacement(planFit(image, options));
}

/** The public part of a plan. */
export function toPlacement({ sourceWidth, sourceHeight, width, height, scaleX, scaleY, offsetX, offsetY }: Plan): Placement {
  return { sourceWidth, sourceHeight, width, height, scaleX, scaleY, offsetX, offsetY };
}

function checkSide(path: string, pixels: number): void {
  must(Number.isSafeInteger(pixels) && pixels >= 1 && pixels <= maxSide, path, `a whole number between 1 and ${maxSide}`, pixels);
}
