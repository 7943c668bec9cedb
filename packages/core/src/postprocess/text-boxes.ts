import { mustBeNumber, mustBeWhole, mustKnow } from "../tensor/index.ts";
import type { Box, Point } from "../types/index.ts";
import { cornersOf, type Rectangle, smallestRectangle } from "./rectangle.ts";
import { findRegions } from "./regions.ts";
import { exactly, type Scores } from "./scores.ts";

/** Options of {@link textBoxes}; the defaults are PaddleOCR's. */
export interface TextBoxOptions {
  /** Size of the map in pixels. */
  readonly width: number;
  readonly height: number;
  /** Probability above which a pixel is text, 0 to 1. Default: 0.3. */
  readonly threshold?: number | undefined;
  /** Mean probability that a box must reach, 0 to 1. Default: 0.6. */
  readonly boxThreshold?: number | undefined;
  /** How far boxes grow, since the map shows text shrunk: by area · ratio / perimeter on each side. 0 or more. Default: 1.5. */
  readonly unclipRatio?: number | undefined;
  /** Shortest side of a region in pixels, before it grows; after, it must be 2 more. Default: 3. */
  readonly minSize?: number | undefined;
  /** How many regions are looked at, at least 1. Default: 1000. */
  readonly maxBoxes?: number | undefined;
}

/** Where text stands. */
export interface TextBox {
  /** The corners of a rectangle that may be turned, in pixels of the map: top left, top right, bottom right, bottom left. They may lie outside. */
  readonly points: readonly [Point, Point, Point, Point];
  /** The upright box around it. */
  readonly box: Box;
  /** Mean probability inside the region's rectangle, before it grew; 0 to 1. */
  readonly score: number;
}

/**
 * Text boxes of a DB text detector's probability map: regions above the threshold, each as the smallest **rotated** rectangle around it, grown, in
 * the order of their first rows (M. Liao et al., Real-time Scene Text Detection with Differentiable Binarization, 2020, section 3.5; as
 * `boxes_from_bitmap` of PaddleOCR's db_postprocess.py, "quad" with the "fast" score). Here and there differently: the hole in a region is no region
 * of its own, and coordinates count from pixels' edges, half a pixel more than PaddleOCR's. Curved text is not followed.
 *
 * `mapPoints` brings the corners back to the original image.
 *
 * @param map `[height, width]` probabilities, or a tensor with 1s in front of it.
 * @throws InputError INPUT_SHAPE, INPUT_DTYPE; ConfigError CONFIG_INVALID
 */
export function textBoxes(map: Scores, options: TextBoxOptions): TextBox[] {
  mustKnow(options, ["width", "height", "threshold", "boxThreshold", "unclipRatio", "minSize", "maxBoxes"]);
  const { width, height, threshold = 0.3, boxThreshold = 0.6, unclipRatio = 1.5, minSize = 3, maxBoxes = 1000 } = options;
  mustBeWhole("width", width, 1);
  mustBeWhole("height", height, 1);
  mustBeNumber("threshold", threshold, 0, 1);
  mustBeNumber("boxThreshold", boxThreshold, 0, 1);
  mustBeNumber("unclipRatio", unclipRatio, 0);
  mustBeNumber("minSize", minSize, 0);
  mustBeWhole("maxBoxes", maxBoxes, 1);
  const probabilities = exactly(map, width * height, "map", `for [${height}, ${width}]`);

  const found: TextBox[] = [];
  for (const region of findRegions(probabilities, width, height, threshold, maxBoxes)) {
    const shrunk = smallestRectangle(region);
    if (2 * Math.min(shrunk.along, shrunk.across) < minSize) continue;
    const score = meanInside(probabilities, width, height, shrunk);
    if (score < boxThreshold) continue;
    const grown = grow(shrunk, unclipRatio);
    if (2 * Math.min(grown.along, grown.across) < minSize + 2) continue;
    const points = cornersOf(grown);
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    found.push({ points, box: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)], score });
  }
  return found;
}

/** A rectangle as it is after its outline was moved outwards; its centre now counts from pixels' edges, not centres. */
function grow({ centre: [x, y], direction, along, across }: Rectangle, ratio: number): Rectangle {
  // Area over perimeter, of the whole sides 2a and 2b: 4ab / 4(a + b).
  const distance = along + across > 0 ? (ratio * along * across) / (along + across) : 0;
  return { centre: [x + 0.5, y + 0.5], direction, along: along + distance, across: across + distance };
}

/** Mean of the pixels in a rectangle, those that its outline passes through among them: what OpenCV's fillPoly fills, whatever the angle. */
function meanInside(map: ArrayLike<number>, width: number, height: number, rectangle: Rectangle): number {
  const { centre, direction, along, across } = rectangle;
  const [dx, dy] = direction;
  const reachX = Math.abs(dx) * along + Math.abs(dy) * across + 0.5;
  const reachY = Math.abs(dy) * along + Math.abs(dx) * across + 0.5;
  const right = Math.min(width - 1, Math.ceil(centre[0] + reachX));
  const bottom = Math.min(height - 1, Math.ceil(centre[1] + reachY));
  // A line that is drawn takes the pixels whose centres are at most half a pixel away, along the axis that it is steeper against.
  const edge = 0.5 * Math.max(Math.abs(dx), Math.abs(dy));
  let sum = 0;
  let count = 0;
  for (let y = Math.max(0, Math.floor(centre[1] - reachY)); y <= bottom; y++) {
    for (let x = Math.max(0, Math.floor(centre[0] - reachX)); x <= right; x++) {
      const [ox, oy] = [x - centre[0], y - centre[1]];
      if (Math.abs(ox * dx + oy * dy) > along + edge || Math.abs(oy * dx - ox * dy) > across + edge) continue;
      sum += map[y * width + x] as number;
      count++;
    }
  }
  return sum / Math.max(1, count);
}
