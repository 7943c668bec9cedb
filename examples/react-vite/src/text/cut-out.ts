import type { PixelImage, Point } from "@predikt/core";
import { toPixels } from "@predikt/web/image";

/** The corners of a line: top left, top right, bottom right, bottom left. */
export type Corners = readonly [Point, Point, Point, Point];

/** A line of an image, turned upright. */
export function cutOut(image: ImageBitmap, [topLeft, topRight, , bottomLeft]: Corners): Promise<PixelImage> {
  const [dx, dy] = [topRight[0] - topLeft[0], topRight[1] - topLeft[1]];
  const width = Math.max(1, Math.round(Math.hypot(dx, dy)));
  const height = Math.max(1, Math.round(Math.hypot(bottomLeft[0] - topLeft[0], bottomLeft[1] - topLeft[1])));
  // What stands much higher than wide is taken for a line that runs downwards, as PaddleOCR does.
  const isUpright = height >= width * 1.5;
  const canvas = isUpright ? new OffscreenCanvas(height, width) : new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.imageSmoothingQuality = "high";
  if (isUpright) {
    context.translate(0, width);
    context.rotate(-Math.PI / 2);
  }
  context.rotate(-Math.atan2(dy, dx));
  context.translate(-topLeft[0], -topLeft[1]);
  context.drawImage(image, 0, 0);
  return toPixels(canvas);
}
