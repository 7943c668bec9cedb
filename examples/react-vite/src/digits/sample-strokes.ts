import type { PadPoint, Stroke } from "./strokes.ts";

/** Digits as we drew them on a pad of 100 × 100: for whoever has no pointer, or no mood to draw. */
const drawings: readonly string[] = [
  "50,15 34,22 26,38 26,60 34,78 50,86 66,78 74,60 74,38 66,22 50,15",
  "38,30 54,16 54,86",
  "28,34 34,20 50,14 66,20 70,36 60,52 42,68 28,84 74,84",
  "30,20 50,14 66,22 66,38 50,48 42,48 52,48 68,58 70,74 56,86 38,84 28,76",
  "36,16 28,52 72,52|62,18 60,88",
  "68,16 36,16 32,46 50,42 66,50 70,66 62,80 46,86 30,80",
  "62,14 44,26 32,48 30,68 40,84 56,84 66,72 64,58 52,50 38,56 32,66",
  "28,18 72,18 58,46 46,86",
  "66,26 52,14 36,22 38,36 54,48 66,62 64,78 50,86 36,78 36,62 50,48 64,36 66,26",
  "66,34 54,44 38,40 34,26 46,14 60,16 66,28 66,34 62,62 54,86",
];

/** The strokes of a digit. */
export function sampleStrokes(digit: number): readonly Stroke[] {
  return (drawings[digit] ?? "")
    .split("|")
    .map((stroke) => smooth(stroke.split(" ").map((point) => point.split(",").map((n) => Number(n) / 100) as [number, number])));
}

/** Rounds the corners of a line: Chaikin's corner cutting, twice (G. Chaikin, 1974). */
function smooth(points: readonly PadPoint[], times = 2): Stroke {
  if (times === 0 || points.length < 3) return points;
  const cut: PadPoint[] = [points[0] as PadPoint];
  for (const [i, [x, y]] of points.slice(0, -1).entries()) {
    const [nextX, nextY] = points[i + 1] as PadPoint;
    const sharp = i === 0 || i === points.length - 2 ? 0.1 : 0.25;
    cut.push([x + (nextX - x) * sharp, y + (nextY - y) * sharp], [nextX - (nextX - x) * sharp, nextY - (nextY - y) * sharp]);
  }
  return smooth([...cut, points.at(-1) as PadPoint], times - 1);
}
