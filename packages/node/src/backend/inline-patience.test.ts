import { expect, it } from "vitest";
import { inlinePatience } from "./inline-patience.ts";

/** Judges runs of a process that has that share of a core. */
function judged(share: number, ...runs: readonly number[]): boolean[] {
  let wallMs = 0;
  const isTooLong = inlinePatience(() => ({ wallMs, cpuMs: wallMs * share }));
  return runs.map((runMs) => {
    wallMs += runMs;
    return isTooLong(runMs);
  });
}

it("a second long run is too much", () => {
  expect(judged(1, 0.1, 80, 80)).toEqual([false, false, true]);
});

it("shorter ones add up", () => {
  expect(judged(1, 20, 20, 20)).toEqual([false, false, true]);
  expect(judged(1, ...Array<number>(17).fill(3)).at(-1)).toBe(true);
});

it("a pause now and then is forgiven", () => {
  const paused = Array.from({ length: 1000 }, (_, i) => (i % 50 === 0 ? 90 : 0.1));
  expect(judged(1, ...paused)).not.toContain(true);
});

it("runs are not blamed for cores that the process does not get", () => {
  expect(judged(0.1, 100, 100, 100)).not.toContain(true);
  expect(judged(0.1, ...Array<number>(6).fill(100)).at(-1)).toBe(true);
});
