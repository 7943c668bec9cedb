import type { Point } from "../types/index.ts";

/** A rectangle that may be turned. */
export interface Rectangle {
  readonly centre: Point;
  /** Direction of its first side, of length 1. */
  readonly direction: Point;
  /** Half its extent along the direction, and across. */
  readonly along: number;
  readonly across: number;
}

/**
 * The smallest rectangle around points, which must be sorted by y, then x: one of its sides lies on an edge of their convex hull (H. Freeman and
 * R. Shapira, 1975).
 */
export function smallestRectangle(points: readonly Point[]): Rectangle {
  const hull = convexHull(points);
  let best = around(hull, [1, 0]);
  for (const [i, [x, y]] of hull.entries()) {
    const [nextX, nextY] = hull[(i + 1) % hull.length] as Point;
    const length = Math.hypot(nextX - x, nextY - y);
    if (length === 0) continue;
    const one = around(hull, [(nextX - x) / length, (nextY - y) / length]);
    // A rounding must not turn a rectangle that is as small as another.
    if (one.along * one.across < best.along * best.across - 1e-9) best = one;
  }
  return best;
}

/** The corners: the top left one of the text first (the upper one of the two leftmost), then clockwise as one sees it. */
export function cornersOf({ centre: [x, y], direction: [dx, dy], along, across }: Rectangle): [Point, Point, Point, Point] {
  const corner = (a: number, b: number): Point => [x + dx * along * a - dy * across * b, y + dy * along * a + dx * across * b];
  const [a, b, c, d] = [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)].sort((p, q) => p[0] - q[0]) as [
    Point,
    Point,
    Point,
    Point,
  ];
  const [topLeft, bottomLeft] = a[1] <= b[1] ? [a, b] : [b, a];
  const [topRight, bottomRight] = c[1] <= d[1] ? [c, d] : [d, c];
  return [topLeft, topRight, bottomRight, bottomLeft];
}

function around(hull: readonly Point[], direction: Point): Rectangle {
  const [dx, dy] = direction;
  let [low, high, left, right] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of hull) {
    const along = x * dx + y * dy;
    const across = y * dx - x * dy;
    low = Math.min(low, along);
    high = Math.max(high, along);
    left = Math.min(left, across);
    right = Math.max(right, across);
  }
  const [a, b] = [(low + high) / 2, (left + right) / 2];
  return { centre: [a * dx - b * dy, a * dy + b * dx], direction, along: (high - low) / 2, across: (right - left) / 2 };
}

/** Andrew's monotone chain (1979), over y. */
function convexHull(points: readonly Point[]): Point[] {
  const half = (list: readonly Point[]): Point[] => {
    const chain: Point[] = [];
    for (const point of list) {
      while (chain.length > 1 && turn(chain.at(-2) as Point, chain.at(-1) as Point, point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  const hull = [...half(points), ...half([...points].reverse())];
  return hull.length > 0 ? hull : points.slice(0, 1);
}

function turn([ax, ay]: Point, [bx, by]: Point, [cx, cy]: Point): number {
  return (by - ay) * (cx - bx) - (bx - ax) * (cy - by);
}
