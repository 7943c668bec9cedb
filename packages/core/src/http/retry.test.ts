import { describe, expect, it } from "vitest";
import { backoff, parseRetryAfter } from "./retry.ts";

describe("parseRetryAfter", () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0);

  it.each([
    [null, 0],
    ["0", 0],
    ["3", 3000],
    [" 120 ", 120_000],
    ["Thu, 01 Jan 2026 12:00:07 GMT", 7000],
    ["Thu, 01 Jan 2026 11:59:00 GMT", 0],
    ["-1", 0],
    ["soon", 0],
    ["", 0],
  ])("%j is %d ms", (header, ms) => {
    expect(parseRetryAfter(header, now)).toBe(ms);
  });
});

it("waits anything from nothing to a range that doubles, and never less than the server asks", () => {
  const waits = (attempt: number, retryAfterMs: number): number[] => Array.from({ length: 500 }, () => backoff(attempt, 100, retryAfterMs));
  for (const attempt of [0, 1, 2, 3]) {
    const range = 100 * 2 ** attempt;
    expect(Math.max(...waits(attempt, 0))).toBeLessThan(range);
    expect(Math.max(...waits(attempt, 0))).toBeGreaterThan(0.9 * range);
    expect(Math.min(...waits(attempt, 0))).toBeLessThan(0.1 * range);
    expect(Math.min(...waits(attempt, 70))).toBe(70);
  }
});
