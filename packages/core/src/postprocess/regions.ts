import type { Point } from "../types/index.ts";

/**
 * Finds the regions of a map that are above a threshold, joined over sides and corners, `most` at most, in the order of their first pixels. Gives for each the
 * leftmost and rightmost pixel of each of its rows, top to bottom: all that its convex hull needs.
 */
export function findRegions(map: ArrayLike<number>, width: number, height: number, threshold: number, most: number): Point[][] {
  const seen = new Uint8Array(width * height);
  const regions: Point[][] = [];
  for (let at = 0; at < seen.length && regions.length < most; at++) {
    if (seen[at] === 0 && (map[at] as number) > threshold) regions.push(regionAt(map, width, height, threshold, seen, at));
  }
  return regions;
}

function regionAt(map: ArrayLike<number>, width: number, height: number, threshold: number, seen: Uint8Array, start: number): Point[] {
  // A region is found at its topmost row, so that its rows are counted from there.
  const top = Math.floor(start / width);
  const low: number[] = [];
  const high: number[] = [];
  const open = [start];
  seen[start] = 1;
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const y = Math.floor(at / width);
    const x = at - y * width;
    low[y - top] = Math.min(low[y - top] ?? x, x);
    high[y - top] = Math.max(high[y - top] ?? x, x);
    for (let ny = Math.max(0, y - 1); ny <= y + 1 && ny < height; ny++) {
      for (let nx = Math.max(0, x - 1); nx <= x + 1 && nx < width; nx++) {
        const next = ny * width + nx;
        if (seen[next] !== 0 || !((map[next] as number) > threshold)) continue;
        seen[next] = 1;
        open.push(next);
      }
    }
  }
  return low.flatMap((left, row): Point[] => [
    [left, top + row],
    [high[row] as number, top + row],
  ]);
}
