import fc from "fast-check";
import { expect, it } from "vitest";
import { CallWindow, failed, percentile, untimed, windowSize } from "./call-window.ts";

const windowMs = 100;
const slowMs = 50;
const took = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constantFrom(failed, untimed));
const calls = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), took), { minLength: 1, maxLength: 300 });

it("counts as a list of the recent calls would", () => {
  fc.assert(
    fc.property(calls, (given) => {
      const window = new CallWindow({ windowMs, slowMs });
      const all: { at: number; took: number }[] = [];
      let now = 0;
      for (const [later, took] of given) {
        now += later;
        window.add(now, took);
        all.push({ at: now, took });
        const recent = all.filter(({ at }) => at >= now - windowMs);
        const times = recent.filter((call) => call.took >= 0).map((call) => call.took);
        expect(window.recent).toBe(recent.length);
        expect(window.errorRate).toBeCloseTo(recent.filter((call) => call.took === failed).length / recent.length, 12);
        expect(window.percentile(0.95, true)).toBe(percentile(times, 0.95));
        expect(window.isSlow).toBe((percentile(times, 0.95) ?? 0) > slowMs);
      }
      expect(window.requests).toBe(all.length);
      expect(window.errors).toBe(all.filter((call) => call.took === failed).length);
    }),
  );
});

it("remembers the last 4096 calls, however many come at once", () => {
  const window = new CallWindow({ windowMs, slowMs });
  for (let i = 0; i < 3 * windowSize; i++) window.add(0, i < 2 * windowSize ? failed : 1);
  expect(window.recent).toBe(windowSize);
  expect(window.errorRate).toBe(0);
  expect(window.requests).toBe(3 * windowSize);
  expect(window.percentile(0.5)).toBe(1);
});

it("has no percentile of nothing", () => {
  const window = new CallWindow({ windowMs, slowMs });
  expect([window.percentile(0.5), window.isSlow, window.errorRate]).toEqual([undefined, false, 0]);
});
