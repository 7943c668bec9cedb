import { describe, expect, it } from "vitest";
import { parseRetryAfter } from "./exchange.ts";

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
