import type { DTypeData } from "../types/index.ts";
import type { Pixels } from "./check-image.ts";
import { luma } from "./color.ts";

type Elements = DTypeData["float32" | "float16" | "uint8"];

/** For each channel of the result, in its order, what a level becomes. */
export type Levels = readonly Elements[];

/** Where pixels are written. */
export interface Target {
  readonly data: Elements;
  /** Pixels in a row. */
  readonly width: number;
  /** Elements from a pixel to the next, and from a channel to the next. */
  readonly pixelStep: number;
  readonly channelStep: number;
  /** Whether blue comes first. */
  readonly reversed: boolean;
}

/** Writes `innerWidth × innerHeight` pixels of an image, of which the first is at byte `from`, to their place. */
export function writePixels(
  target: Target,
  levels: Levels,
  image: Pixels,
  from: number,
  place: { readonly left: number; readonly top: number; readonly innerWidth: number; readonly innerHeight: number },
): void {
  const { data: out, pixelStep, channelStep, reversed } = target;
  const { data, channels: stride } = image;
  const { left, top, innerWidth, innerHeight } = place;
  // A gray image has its one level in all colours.
  const green = stride === 1 ? 0 : 1;
  const blue = green * 2;
  const [redAt, greenAt, blueAt] = reversed ? [2 * channelStep, channelStep, 0] : [0, channelStep, 2 * channelStep];
  const table = levels[0] as Elements;
  const reds = (reversed ? levels[2] : table) as Elements;
  const greens = levels[1] as Elements;
  const blues = (reversed ? table : levels[2]) as Elements;
  for (let y = 0; y < innerHeight; y++) {
    let p = from + y * image.width * stride;
    let at = ((top + y) * target.width + left) * pixelStep;
    const end = p + innerWidth * stride;
    if (levels.length === 3) {
      for (; p < end; p += stride, at += pixelStep) {
        out[at + redAt] = reds[data[p] as number] as number;
        out[at + greenAt] = greens[data[p + green] as number] as number;
        out[at + blueAt] = blues[data[p + blue] as number] as number;
      }
    } else if (stride === 1) for (; p < end; p++, at += pixelStep) out[at] = table[data[p] as number] as number;
    else {
      for (; p < end; p += stride, at += pixelStep) {
        out[at] = table[luma(data[p] as number, data[p + 1] as number, data[p + 2] as number)] as number;
      }
    }
  }
}
