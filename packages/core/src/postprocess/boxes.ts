import type { Box, Placement, Point } from "../types/index.ts";

/** Overlap of two boxes: their intersection over their union, 0 to 1 (Jaccard's index); 0 where either has no area. */
export function iou(a: Box, b: Box): number {
  const both = areaOf(Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3]));
  return both > 0 ? both / (areaOf(...a) + areaOf(...b) - both) : 0;
}

function areaOf(x1: number, y1: number, x2: number, y2: number): number {
  return Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
}

/**
 * Boxes of an image that was placed (by `letterbox`, or by `imageTensor`, whose `placement` it is), in pixels of the original. What lies outside
 * of it is cut off.
 */
export function mapBoxes(boxes: readonly Box[], placement: Placement): Box[] {
  return boxes.map(([x1, y1, x2, y2]) => [...toSource([x1, y1], placement), ...toSource([x2, y2], placement)]);
}

/** As {@link mapBoxes}, for points: keypoints, or the corners of text boxes. */
export function mapPoints(points: readonly Point[], placement: Placement): Point[] {
  return points.map((point) => toSource(point, placement));
}

function toSource([x, y]: Point, { sourceWidth, sourceHeight, scaleX, scaleY, offsetX, offsetY }: Placement): Point {
  return [Math.min(Math.max((x - offsetX) / scaleX, 0), sourceWidth), Math.min(Math.max((y - offsetY) / scaleY, 0), sourceHeight)];
}
