import { mustBeWhole, mustKnow } from "../tensor/index.ts";
import type { ImageLike, PixelImage, Placement } from "../types/index.ts";
import { checkImage } from "./check-image.ts";
import type { Color } from "./color.ts";
import { surround } from "./crop.ts";
import { planFit, toPlacement } from "./place.ts";
import { checkSampling, clamped, type ResampleOptions, scaleTo } from "./resize.ts";

/** Options of {@link letterbox}. */
export interface LetterboxOptions extends ResampleOptions {
  /** In pixels, 1 to 32768. */
  readonly width: number;
  /** In pixels, 1 to 32768. */
  readonly height: number;
  /** What the padding is. Default: 114, as YOLO models were trained. */
  readonly background?: Color | undefined;
}

/** A letterboxed image, and where in it the original lies. */
export interface Letterboxed {
  readonly image: PixelImage;
  /** Scale and padding, for `mapBoxes` and `mapPoints` of `@predikt/core/postprocess`. */
  readonly placement: Placement;
}

/**
 * The whole image in a size that it need not have the shape of: scaled by one factor, in the middle, padded on both sides, an odd pixel right and
 * below (as `letterbox` of Ultralytics' YOLOv5 and later).
 *
 * @throws InputError INPUT_SHAPE, INPUT_DTYPE; ConfigError CONFIG_INVALID
 */
export function letterbox(image: ImageLike, options: LetterboxOptions): Letterboxed {
  mustKnow(options, ["width", "height", "resample", "antialias", "background"]);
  const { width, height, background = 114 } = options;
  mustBeWhole("width", width, 1);
  mustBeWhole("height", height, 1);
  const pixels = checkImage(image);
  const plan = planFit(pixels, { width, height, fit: "contain" });
  const inner = scaleTo(pixels, plan, checkSampling(options));
  const padded = plan.innerWidth !== width || plan.innerHeight !== height;
  return { image: padded ? surround(inner, plan, background) : clamped(inner), placement: toPlacement(plan) };
}
