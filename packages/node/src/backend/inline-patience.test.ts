import { expect, it } from "vitest";
import { inlinePatience } from "./inline-patience.ts";

const judged = (...runs: readonly number[]): boolean[] => runs.map(inlinePatience());

it("one long run is enough", () => {
  expect(judged(0.1, 80)).toEqual([false, true]);
});

it("shorter ones add up", () => {
  expect(judged(20, 20, 20)).toEqual([false, false, true]);
  expect(judged(...Array<number>(17).fill(3)).at(-1)).toBe(true);
});

it("a pause now and then is forgiven", () => {
  const paused = Array.from({ length: 1000 }, (_, i) => (i % 50 === 0 ? 45 : 0.1));
  expect(judged(...paused)).not.toContain(true);
});
