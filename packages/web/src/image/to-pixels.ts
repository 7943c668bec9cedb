import type { ImageLike, PixelImage } from "@predikt/core";
import { drawPixels } from "./draw.ts";
import { type BrowserImage, kindOf, openView } from "./view.ts";

/**
 * The pixels of whatever a browser holds an image in, RGBA, at its own size, upright. It works in a page and in a worker.
 *
 * An `ImageData` gives its own bytes, not a copy. Half-transparent colours come back as exactly as a canvas keeps them, which multiplies by alpha.
 * Nothing that was handed in is closed.
 *
 * @param image A blob or file is decoded, with EXIF orientation; of a video it is the frame that shows.
 * @throws InputError INPUT_DTYPE for what is no image; INPUT_VALUE for one that has not loaded or that the page may not read (CORS); INPUT_SHAPE for
 *   one without a size; BODY_INVALID or UNSUPPORTED_MEDIA_TYPE for what cannot be decoded; INPUT_TOO_LARGE
 */
export async function toPixels(image: BrowserImage): Promise<PixelImage> {
  if (kindOf(image) === "ImageData") {
    const { data, width, height } = image as ImageLike;
    return { data, width, height, channels: 4 };
  }
  const view = await openView(image as Exclude<BrowserImage, ImageData>);
  try {
    const { width, height } = view;
    const { data } = drawPixels(view, { left: 0, top: 0, width, height, toWidth: width, toHeight: height });
    return { data, width, height, channels: 4 };
  } finally {
    view.close();
  }
}
