import { expect, it } from "vitest";
import { delayAfter } from "./backoff.ts";

const limits = { minDelayMs: 100, maxDelayMs: 1000, stableMs: 0 };

it("doubles up to its limit", () => {
  expect([1, 2, 3, 4, 5, 50, 5000].map((failures) => delayAfter(failures, limits, () => 0))).toEqual([
    100, 200, 400, 800, 1000, 1000, 1000,
  ]);
});

it("is spread over the upper half of that", () => {
  expect([0, 0.5, 0.999].map((random) => delayAfter(3, limits, () => random))).toEqual([400, 300, 200]);
  expect([0, 0.5, 0.999].map((random) => delayAfter(99, limits, () => random))).toEqual([1000, 750, 500]);
});
