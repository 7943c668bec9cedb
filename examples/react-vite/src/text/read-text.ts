import type { Predictor } from "@predikt/core";
import { mapPoints } from "@predikt/core/postprocess";
import { type ImageLike, placement } from "@predikt/core/preprocess";
import { toPixels } from "@predikt/web/image";
import { type Corners, cutOut } from "./cut-out.ts";
import { detectorSize } from "./detector.ts";

/** A line that was found: where, in pixels of the image, and once it is read, what it says. */
export interface Line {
  readonly corners: Corners;
  readonly text?: string;
  readonly confidence?: number;
}

/** The two models that reading takes. */
export interface Readers {
  readonly detector: Predictor<{ image: ImageLike }, { points: Corners; score: number }[]>;
  readonly recogniser: Predictor<{ image: ImageLike }, { text: string; confidence: number }>;
}

/** Finds the lines of an image and reads each. `onLines` is told of all of them when they are found, and again after each that is read. */
export async function readText(
  image: ImageBitmap,
  { detector, recogniser }: Readers,
  { signal, onLines }: { readonly signal: AbortSignal; readonly onLines: (lines: readonly Line[]) => void },
): Promise<void> {
  const pixels = await toPixels(image);
  const found = await detector.predict({ image: pixels }, { signal });
  const place = placement(pixels, detectorSize(pixels));
  let lines: readonly Line[] = inReadingOrder(found.map(({ points }) => mapPoints(points, place) as unknown as Corners)).map((corners) => ({
    corners,
  }));
  onLines(lines);
  await Promise.all(
    lines.map(async ({ corners }, i) => {
      const { text, confidence } = await recogniser.predict({ image: await cutOut(image, corners) }, { signal });
      lines = lines.map((line, at) => (at === i ? { corners, text, confidence } : line));
      onLines(lines);
    }),
  );
}

/** From top to bottom; what stands beside one another, from left to right. */
function inReadingOrder(all: readonly Corners[]): Corners[] {
  const rows: Corners[][] = [];
  for (const corners of [...all].sort((a, b) => middle(a) - middle(b))) {
    const row = rows.at(-1);
    const [first] = row ?? [];
    if (row !== undefined && first !== undefined && middle(corners) - middle(first) < height(first) / 2) row.push(corners);
    else rows.push([corners]);
  }
  return rows.flatMap((row) => row.sort((a, b) => a[0][0] - b[0][0]));
}

function middle(corners: Corners): number {
  return corners.reduce((sum, [, y]) => sum + y, 0) / 4;
}

function height([topLeft, , , bottomLeft]: Corners): number {
  return Math.hypot(bottomLeft[0] - topLeft[0], bottomLeft[1] - topLeft[1]);
}
