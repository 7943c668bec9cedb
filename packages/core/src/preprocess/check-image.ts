import { mismatch } from "../errors/mismatch.ts";
import { describe } from "../tensor/index.ts";
import type { ImageLike, PixelImage } from "../types/index.ts";

/** An image whose bytes are a plain Uint8Array, which keeps the loops over them fast whatever was given. */
export interface Pixels extends PixelImage {
  readonly data: Uint8Array;
}

/**
 * Checks an image; its bytes are looked at through another view, not copied.
 *
 * @throws InputError INPUT_SHAPE for a size, channels or a length that cannot be, INPUT_DTYPE for bytes that are none
 */
export function checkImage(image: ImageLike): Pixels {
  if (typeof image !== "object" || image === null) throw mismatch("INPUT_DTYPE", "image", "{ data, width, height }", describe(image));
  const { data, width, height, channels = 4 } = image;
  checkSide("image.width", width);
  checkSide("image.height", height);
  if (channels !== 1 && channels !== 3 && channels !== 4) throw mismatch("INPUT_SHAPE", "image.channels", "1, 3 or 4", describe(channels));
  // By name: a frame's or a test environment's array classes are others than ours.
  const kind = describe(data);
  if (kind !== "Uint8Array" && kind !== "Uint8ClampedArray") throw mismatch("INPUT_DTYPE", "image.data", "bytes", kind);
  const length = width * height * channels;
  if (data.length !== length) {
    throw mismatch("INPUT_SHAPE", "image.data", `${length} bytes for [${height}, ${width}, ${channels}]`, `${data.length}`);
  }
  return { data: new Uint8Array(data.buffer, data.byteOffset, length), width, height, channels };
}

/** Refuses what is not a number of pixels. @throws InputError INPUT_SHAPE */
export function checkSide(path: string, pixels: unknown): void {
  if (!Number.isSafeInteger(pixels) || (pixels as number) < 1) throw mismatch("INPUT_SHAPE", path, "a whole number ≥ 1", describe(pixels));
}

/** Whether no pixel lets anything shine through. */
export function isOpaque({ data, channels }: Pixels): boolean {
  if (channels !== 4) return true;
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return false;
  return true;
}
