import { InputError } from "@predikt/core";

/** What a browser holds an image in. */
export type BrowserImage =
  | ImageBitmap
  | HTMLImageElement
  | HTMLVideoElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageData
  | Blob
  | VideoFrame;

/** An image that can be drawn, with its size in pixels. */
export interface View {
  readonly drawable: CanvasImageSource;
  readonly width: number;
  readonly height: number;
  /** Frees what was made for the view; what the caller owns stays open. */
  close(): void;
}

const kinds = "an ImageBitmap, HTMLImageElement, HTMLVideoElement, HTMLCanvasElement, OffscreenCanvas, ImageData, Blob or VideoFrame";

/**
 * Opens an image for drawing. A blob is decoded, upright as its EXIF orientation says.
 *
 * @throws InputError INPUT_DTYPE for what is no image, INPUT_VALUE for one that has not loaded, INPUT_SHAPE for one without a size, BODY_INVALID or
 *   UNSUPPORTED_MEDIA_TYPE for what cannot be decoded
 */
export async function openView(image: Exclude<BrowserImage, ImageData>): Promise<View> {
  // By name: a frame's classes are others than ours, and a worker has no elements.
  const kind = kindOf(image);
  if (kind === "Blob" || kind === "File") {
    return held(await decode(image as Blob));
  }
  if (kind === "HTMLImageElement") {
    const { complete, naturalWidth, naturalHeight } = image as HTMLImageElement;
    if (!complete) throw refusal("INPUT_VALUE", "one that has loaded: await image.decode()", "one that has not");
    if (naturalWidth === 0 && (image as HTMLImageElement).currentSrc !== "") {
      throw refusal("BODY_INVALID", "one that could be decoded", "one that failed to load, or has no size of its own");
    }
    return lent(image as HTMLImageElement, naturalWidth, naturalHeight);
  }
  if (kind === "HTMLVideoElement") {
    const { readyState } = image as HTMLVideoElement;
    // HAVE_CURRENT_DATA, of the HTML standard: there is a frame.
    if (readyState < 2) throw refusal("INPUT_VALUE", "a video that has a frame: await its loadeddata", "one that has none yet");
    return held(await frameOf(image as HTMLVideoElement));
  }
  if (kind === "VideoFrame") {
    const { displayWidth, displayHeight } = image as VideoFrame;
    return lent(image as VideoFrame, displayWidth, displayHeight);
  }
  if (kind !== "ImageBitmap" && kind !== "HTMLCanvasElement" && kind !== "OffscreenCanvas")
    throw refusal("INPUT_DTYPE", kinds, "another value");
  const { width, height } = image as ImageBitmap;
  return lent(image as ImageBitmap, width, height);
}

/** The class that a value says it is of. */
export function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** The error for an image that is not as it must be. */
export function refusal(
  code: "INPUT_VALUE" | "INPUT_SHAPE" | "INPUT_DTYPE" | "INPUT_TOO_LARGE" | "BODY_INVALID" | "UNSUPPORTED_MEDIA_TYPE",
  expected: string,
  received: string,
  cause?: unknown,
): InputError {
  return new InputError(code, `image: expected ${expected}, got ${received}`, {
    cause,
    details: { issues: [{ path: "image", expected, received }] },
  });
}

async function decode(blob: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(blob);
  } catch (cause) {
    if (blob.type !== "" && !blob.type.startsWith("image/")) {
      throw refusal("UNSUPPORTED_MEDIA_TYPE", "an image of a format that this browser decodes", "a blob of another type", cause);
    }
    throw refusal("BODY_INVALID", "an image that this browser decodes", "a blob that it does not", cause);
  }
}

/** Chromium draws nothing at all of a video outside of the document that has never played, and says so only here. */
async function frameOf(video: HTMLVideoElement): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(video);
  } catch (cause) {
    throw refusal("INPUT_VALUE", "a video that shows a frame: one that plays, or is in the document", "one that shows none", cause);
  }
}

function held(bitmap: ImageBitmap): View {
  return sized({ drawable: bitmap, width: bitmap.width, height: bitmap.height, close: () => bitmap.close() });
}

function lent(drawable: CanvasImageSource, width: number, height: number): View {
  return sized({ drawable, width, height, close: () => undefined });
}

function sized(view: View): View {
  if (view.width > 0 && view.height > 0) return view;
  view.close();
  // A closed ImageBitmap or VideoFrame has none either.
  throw refusal("INPUT_SHAPE", "an image with a size, still open", `${view.width} × ${view.height}`);
}
