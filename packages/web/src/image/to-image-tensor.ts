import type { TensorOf } from "@predikt/core";
import { type ImageDType, type ImageTensorOptions, imageTensor, placement, type Resample } from "@predikt/core/preprocess";
import { drawPixels } from "./draw.ts";
import { toPixels } from "./to-pixels.ts";
import { type BrowserImage, kindOf, openView } from "./view.ts";

/** Options of {@link toImageTensor}: those of core's `imageTensor`, and one more way to scale. */
export interface BrowserTensorOptions<D extends ImageDType = ImageDType> extends Omit<ImageTensorOptions<D>, "resample"> {
  /**
   * `"browser"` has the browser scale while it draws, at its best quality: many times faster for large photos, and a little different in each
   * browser, so that a model may answer a little differently. The others are core's, the same bytes everywhere. Default: `"bilinear"`.
   */
  readonly resample?: Resample | "browser" | undefined;
}

/**
 * Whatever a browser holds an image in, as a model takes it: `toPixels`, then core's `imageTensor`.
 *
 * @throws As `toPixels`; ConfigError CONFIG_INVALID
 */
export async function toImageTensor<D extends ImageDType = "float32">(
  image: BrowserImage,
  options: BrowserTensorOptions<D> = {},
): Promise<TensorOf<D>> {
  const { resample, ...rest } = options;
  if (resample !== "browser") return imageTensor<D>(await toPixels(image), { ...rest, resample });
  const drawable = kindOf(image) === "ImageData" ? await createImageBitmap(image as ImageData) : image;
  const view = await openView(drawable as Exclude<BrowserImage, ImageData>);
  try {
    const place = placement(view, rest);
    const { scaleX, scaleY, offsetX, offsetY } = place;
    // What is cut off lies at negative offsets, what is padded at positive ones.
    const left = Math.max(0, -offsetX) / scaleX;
    const top = Math.max(0, -offsetY) / scaleY;
    const toWidth = Math.min(place.width, Math.round(view.width * scaleX));
    const toHeight = Math.min(place.height, Math.round(view.height * scaleY));
    const pixels = drawPixels(view, { left, top, width: view.width - 2 * left, height: view.height - 2 * top, toWidth, toHeight });
    // As large as it will be already, so that nothing is scaled again.
    return imageTensor<D>(pixels, { ...rest, width: place.width, height: place.height });
  } finally {
    view.close();
    if (drawable !== image) (drawable as ImageBitmap).close();
  }
}
