import { refusal, type View } from "./view.ts";

/** The part of an image that is drawn, in its pixels, and the size that it gets. */
export interface Drawing {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly toWidth: number;
  readonly toHeight: number;
}

/**
 * Draws a part of an image and reads its pixels back, in sRGB. Where the size changes, the browser's best smoothing is asked for.
 *
 * @throws InputError INPUT_VALUE for an image of another origin that may not be read, INPUT_TOO_LARGE where there is no memory for it
 */
export function drawPixels(view: View, drawing: Drawing): ImageData {
  const { left, top, width, height, toWidth, toHeight } = drawing;
  const context = contextOf(toWidth, toHeight);
  try {
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(view.drawable, left, top, width, height, 0, 0, toWidth, toHeight);
    return context.getImageData(0, 0, toWidth, toHeight, { colorSpace: "srgb" });
  } catch (cause) {
    const { name } = cause as { readonly name?: string };
    if (name === "SecurityError") {
      throw refusal("INPUT_VALUE", 'one that the page may read (CORS, crossorigin="anonymous")', "one of another origin", cause);
    }
    if (name === "RangeError") throw refusal("INPUT_TOO_LARGE", "one that fits into memory", `${toWidth} × ${toHeight}`, cause);
    throw refusal("INPUT_VALUE", "one that can be drawn", name ?? "another error", cause);
  } finally {
    // Its memory is freed now, and not when the collector comes to it.
    context.canvas.width = 0;
    context.canvas.height = 0;
  }
}

function contextOf(width: number, height: number): OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D {
  // Read at once: kept in memory, it need not come back from a graphics card.
  const settings: CanvasRenderingContext2DSettings = { willReadFrequently: true };
  let context: OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D | null;
  if (typeof OffscreenCanvas === "function") context = new OffscreenCanvas(width, height).getContext("2d", settings);
  else {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    context = canvas.getContext("2d", settings);
  }
  if (context === null) throw refusal("INPUT_TOO_LARGE", "one that a canvas can hold", `${width} × ${height}`);
  return context;
}
