import { imageTensor } from "@predikt/core/preprocess";

/** A point of the pad, 0 to 1 on both axes. */
export type PadPoint = readonly [x: number, y: number];

/** What was drawn without lifting the pen. */
export type Stroke = readonly PadPoint[];

/** Side of what the model takes, and of the larger picture that is drawn first. */
const side = 28;
const large = side * 10;
/** The digits that the model was trained on fill 20 of 28 pixels, with lines of about 2.5, and their ink's centre lies in the middle. */
const digitSide = 20 / side;
const lineWidth = 2.6 / side;

/** The strokes as the model knows digits: brought to its size, centred, white on black; 28 × 28 brightnesses. */
export function toPixels(strokes: readonly Stroke[]): Float32Array {
  const points = strokes.flat();
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const extent = Math.max(Math.max(...xs) - left, Math.max(...ys) - top);
  // A dot is not blown up to fill the picture.
  const scale = (digitSide - lineWidth) / Math.max(extent, 0.15);
  const small = strokes.map((stroke) => stroke.map(([x, y]): PadPoint => [(x - left) * scale, (y - top) * scale]));
  const [centreX, centreY] = centreOfInk(small);
  const context = new OffscreenCanvas(large, large).getContext("2d", { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
  context.translate(large * (0.5 - centreX), large * (0.5 - centreY));
  drawStrokes(context, small, { size: large, lineWidth: lineWidth * large, color: "#fff" });
  const image = context.getImageData(0, 0, large, large);
  return imageTensor(image, { width: side, height: side, colors: "gray" }).data as Float32Array;
}

/** Draws strokes over a square of that size. */
export function drawStrokes(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  strokes: readonly Stroke[],
  { size, lineWidth: width, color }: { readonly size: number; readonly lineWidth: number; readonly color: string },
): void {
  context.lineWidth = width;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.strokeStyle = color;
  for (const stroke of strokes) {
    context.beginPath();
    for (const [i, [x, y]] of stroke.entries()) context[i === 0 ? "moveTo" : "lineTo"](x * size, y * size);
    // A line of no length draws a dot.
    const [first] = stroke;
    if (stroke.length === 1 && first !== undefined) context.lineTo(first[0] * size, first[1] * size);
    context.stroke();
  }
}

/** The middle of all lines, each weighed by its length. */
function centreOfInk(strokes: readonly Stroke[]): PadPoint {
  let [x, y, sum] = [0, 0, 0];
  for (const stroke of strokes) {
    for (const [i, point] of stroke.entries()) {
      const before = stroke[i - 1] ?? point;
      const length = Math.hypot(point[0] - before[0], point[1] - before[1]) + 1e-6;
      x += (length * (point[0] + before[0])) / 2;
      y += (length * (point[1] + before[1])) / 2;
      sum += length;
    }
  }
  return [x / sum, y / sum];
}
