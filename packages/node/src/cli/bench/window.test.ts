import { OverloadError } from "@predikt/core";
import { expect, it } from "vitest";
import { isStable, Window } from "./window.ts";

function windowOf(count: number, latencyMs: number, ms = 1000): Window {
  const window = new Window();
  for (let i = 0; i < count; i++) window.record(latencyMs, undefined);
  window.ms = ms;
  return window;
}

it("keeps percentiles, mean, rate, and errors by their name", () => {
  const window = new Window();
  for (let i = 1; i <= 100; i++) window.record(i, undefined);
  window.record(1, new OverloadError("QUEUE_FULL", "full"));
  window.record(1, Object.assign(new Error("x"), { code: "HTTP 429" }));
  window.record(1, new Error("odd"));
  window.ms = 2000;
  expect(window).toMatchObject({ succeeded: 100, perSecond: 50, meanMs: 50.5, errors: { QUEUE_FULL: 1, "HTTP 429": 1, odd: 1 } });
  for (const percent of [50, 90, 99]) expect(window.percentileMs(percent) / percent).toBeCloseTo(1, 2);
  expect(new Window().percentileMs(50)).toBeNaN();
});

it("joins several", () => {
  const joined = Window.join([windowOf(10, 1), windowOf(30, 2)]);
  expect(joined).toMatchObject({ succeeded: 40, ms: 2000, perSecond: 20, meanMs: 1.75 });
  expect(joined.percentileMs(99)).toBeCloseTo(2, 2);
});

it("is stable once three windows agree in throughput and latency", () => {
  const [a, b, c] = [windowOf(100, 10), windowOf(105, 10.2), windowOf(98, 9.9)] as const;
  expect(isStable([a, b], 10)).toBe(false);
  expect(isStable([a, b, c], 10)).toBe(true);
  expect(isStable([windowOf(9, 90), a, b, c], 10)).toBe(true);
  expect(isStable([a, b, windowOf(60, 10)], 10)).toBe(false);
  expect(isStable([a, b, windowOf(100, 20)], 10)).toBe(false);
  expect(isStable([new Window(), new Window(), new Window()], 10)).toBe(false);
});
