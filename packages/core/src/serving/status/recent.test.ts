import { expect, it } from "vitest";
import { Recent } from "./recent.ts";

it("counts a minute and forgets what is older", () => {
  const recent = new Recent(0);
  for (let second = 0; second < 90; second++) {
    for (let i = 0; i < 10; i++) recent.settled(second * 1000 + i, i === 0 ? undefined : 4, i === 0);
    recent.ran(second * 1000, second < 30 ? 64 : 8);
  }
  const numbers = recent.numbers(89_999);
  expect(numbers).toMatchObject({ seconds: 60, requestsPerSecond: 10, errorRatio: 0.1, rowsPerRun: 8, maxRows: 8 });
  expect(numbers.requests).toEqual(new Array(59).fill(10));
  expect(numbers.errors).toEqual(new Array(59).fill(1));
  const later = recent.numbers(200_000);
  expect(later).toMatchObject({ requestsPerSecond: 0, errorRatio: null, p50Ms: null, rowsPerRun: null, maxRows: 0 });
  expect(later.requests).toEqual(new Array(59).fill(0));
});

it("knows percentiles within 8 %, whatever their size", () => {
  for (const scale of [0.001, 0.1, 1, 40]) {
    const recent = new Recent(0);
    for (let i = 1; i <= 1000; i++) recent.settled(500, i * scale, false);
    const { p50Ms, p95Ms, p99Ms } = recent.numbers(1000);
    const bounded = (ms: number): number => Math.max(0.05, ms);
    for (const [got, want] of [
      [p50Ms, 500 * scale],
      [p95Ms, 950 * scale],
      [p99Ms, 990 * scale],
    ] as const)
      expect(Math.abs((got as number) / bounded(want) - 1)).toBeLessThan(0.08);
  }
});

it("tells a rate at once, and no more than was seen", () => {
  const recent = new Recent(10_000);
  for (let i = 0; i < 5; i++) recent.settled(10_100, 1, false);
  expect(recent.numbers(10_200)).toMatchObject({ seconds: 0.2, requestsPerSecond: 5 });
  expect(recent.numbers(20_000)).toMatchObject({ seconds: 10, requestsPerSecond: 0.5 });
});

it("takes the fastest and the slowest", () => {
  const recent = new Recent(0);
  for (const ms of [0, 1e-9, 1e9]) recent.settled(0, ms, false);
  expect(recent.numbers(0).p99Ms).toBeGreaterThan(60_000);
});
