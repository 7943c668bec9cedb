import { expect, it } from "vitest";
import { chartSvg, spread } from "./chart.ts";
import { chartPage } from "./chart-page.ts";
import type { Results } from "./results.ts";

const level = (load: number, ms: number) => ({
  load,
  requestsPerSecond: 100 * load,
  rowsPerSecond: 100 * load,
  latencyMs: { mean: ms, p50: ms, p90: 2 * ms, p99: 3 * ms, max: 4 * ms },
  succeeded: 10,
  errors: {},
  batch: 1,
  cpuCores: 0.5,
  windows: 3,
  stable: true,
});
const results: Results = {
  target: "<b>model</b>",
  protocol: "typed",
  load: "concurrency",
  distribution: null,
  rowsPerRequest: 1,
  cpuOf: "client",
  machine: { node: "v20", cores: 2, cpu: "one" },
  levels: [level(1, 1), level(4, 2), { ...level(8, 3), latencyMs: null, errors: { "HTTP 500": 3 }, stable: false }],
};

it("a line starts at the left, ends at the right, and rises with its numbers", () => {
  const svg = chartSvg({
    title: "",
    x: "callers",
    y: "ms",
    lines: [
      {
        name: "p50",
        tone: 1,
        points: [
          [1, 0],
          [5, 10],
        ],
      },
    ],
  });
  expect(svg).toContain('d="M84,276L728,12"');
  expect(svg).toContain(">callers</text>");
});

it("one load alone, and none at all, make charts too", () => {
  const of = (points: [number, number][]) => chartSvg({ title: "", x: "", y: "", lines: [{ name: "p50", tone: 1, points }] });
  for (const svg of [of([[4, 2]]), of([])]) expect(svg).not.toMatch(/NaN|undefined/);
});

it("a page is one file without scripts, shows every load, and takes no name for markup", () => {
  const page = chartPage(results);
  expect(page.match(/<svg/g)).toHaveLength(2);
  expect(page).not.toMatch(/<script|<link|https?:|<b>model|NaN|undefined/);
  expect(page).toContain("3 × HTTP 500, unstable");
  expect(page.match(/<circle class="f1"/g)).toHaveLength(2 + 3);
});

it("names of lines that end close to one another stand apart", () => {
  expect(spread([100, 98, 20])).toEqual([100, 86, 20]);
  expect(spread([98, 100, 99])).toEqual([72, 100, 86]);
});
