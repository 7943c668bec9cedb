import { scaleLinear } from "d3-scale";
import { line as linePath } from "d3-shape";

/** Lines over one another. */
export interface Chart {
  readonly title: string;
  /** What the axes show. */
  readonly x: string;
  readonly y: string;
  readonly lines: readonly ChartLine[];
}

/** One line. */
export interface ChartLine {
  readonly name: string;
  /** Which of the page's colours, from 1. */
  readonly tone: number;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const size = { width: 800, height: 320, left: 84, right: 72, top: 12, bottom: 44 };

/** A chart as SVG. Its colours are the page's classes: `t1` for strokes, `f1` for fills. */
export function chartSvg({ x: xName, y: yName, lines }: Chart): string {
  const { width, height, left, right, top, bottom } = size;
  const points = lines.flatMap((line) => line.points);
  const xs = points.map(([x]) => x);
  const [from, to] = xs.length === 0 ? [0, 1] : [Math.min(...xs), Math.max(...xs)];
  // One load alone stands in the middle.
  const x = scaleLinear([from === to ? from - 1 : from, from === to ? to + 1 : to], [left, width - right]);
  const y = scaleLinear([0, Math.max(1e-3, ...points.map(([, value]) => value))], [height - bottom, top]).nice(5);
  const path = linePath<readonly [number, number]>(
    ([value]) => x(value),
    ([, value]) => y(value),
  ).digits(1);
  const parts: string[] = [];
  for (const tick of y.ticks(5)) {
    const at = y(tick).toFixed(1);
    parts.push(`<path class="grid" d="M${left},${at}H${width - right}"/>`);
    parts.push(`<text x="${left - 8}" y="${at}" text-anchor="end" dominant-baseline="middle">${y.tickFormat(5)(tick)}</text>`);
  }
  const stops = [...new Set(xs)].length <= 12 ? [...new Set(xs)] : x.ticks(8);
  for (const stop of stops) parts.push(`<text x="${x(stop).toFixed(1)}" y="${height - bottom + 18}" text-anchor="middle">${stop}</text>`);
  parts.push(`<text class="axis" x="${(left + width - right) / 2}" y="${height - 6}" text-anchor="middle">${xName}</text>`);
  parts.push(
    `<text class="axis" transform="translate(12,${(top + height - bottom) / 2}) rotate(-90)" text-anchor="middle">${yName}</text>`,
  );
  const ended = lines.flatMap(({ points: own, ...line }) => {
    const last = own.at(-1);
    return last === undefined ? [] : [{ ...line, own, x: x(last[0]), y: y(last[1]) }];
  });
  const heights = spread(ended.map((line) => line.y));
  for (const [i, { name, tone, own, x: end }] of ended.entries()) {
    parts.push(`<path class="line t${tone}" d="${path(own)}"/>`);
    for (const [px, py] of own) parts.push(`<circle class="f${tone}" cx="${x(px).toFixed(1)}" cy="${y(py).toFixed(1)}" r="3"/>`);
    const at = (heights[i] as number).toFixed(1);
    parts.push(`<text class="f${tone}" x="${(end + 8).toFixed(1)}" y="${at}" dominant-baseline="middle">${name}</text>`);
  }
  return `<svg viewBox="0 0 ${width} ${height}" role="img">${parts.join("")}</svg>`;
}

/** Heights for names, moved up where they would stand on one another. */
export function spread(heights: readonly number[]): number[] {
  const moved = [...heights];
  // From the lowest up, which is the largest y.
  const order = heights.map((_, i) => i).sort((a, b) => (heights[b] as number) - (heights[a] as number));
  for (const [rank, at] of order.entries()) {
    const below = order[rank - 1];
    if (below !== undefined) moved[at] = Math.min(moved[at] as number, (moved[below] as number) - lineHeight);
  }
  return moved;
}

/** Of a name, in the chart's pixels. */
const lineHeight = 14;
