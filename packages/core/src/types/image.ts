/** Pixels in memory: rows from top to bottom, the channels of a pixel side by side, one byte each, 0 to 255. */
export interface PixelImage {
  /** `width × height × channels` bytes. */
  readonly data: Uint8Array | Uint8ClampedArray;
  /** In pixels, at least 1. */
  readonly width: number;
  /** In pixels, at least 1. */
  readonly height: number;
  /** 1 is gray, 3 RGB, 4 RGBA with straight (not premultiplied) alpha. */
  readonly channels: 1 | 3 | 4;
}

/** A {@link PixelImage}, or one that does not say its channels and is RGBA, as a browser's `ImageData` is. */
export interface ImageLike extends Omit<PixelImage, "channels"> {
  readonly channels?: PixelImage["channels"] | undefined;
}

/**
 * How an image lies in another: what was at (x, y) is at (x · scaleX + offsetX, y · scaleY + offsetY). Coordinates are in pixels, and whole
 * numbers are the edges of pixels: a pixel's centre is at ½.
 */
export interface Placement {
  /** Size of the image that was placed, in pixels. */
  readonly sourceWidth: number;
  readonly sourceHeight: number;
  /** Size of the result, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Result pixels per source pixel. */
  readonly scaleX: number;
  readonly scaleY: number;
  /** The padding at the left and at the top in result pixels; negative where something was cut off. */
  readonly offsetX: number;
  readonly offsetY: number;
}

/** Left, top, right and bottom edge, in pixels: the field's "xyxy". */
export type Box = readonly [x1: number, y1: number, x2: number, y2: number];

/** A point, in pixels. */
export type Point = readonly [x: number, y: number];
