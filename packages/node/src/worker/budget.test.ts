import { afterEach, expect, it } from "vitest";
import { claimThreads, cpuBudget, giveThreads, takeThreads } from "./budget.ts";

let taken = 0;
const claim = (wanted: number, least: number): number => {
  const given = claimThreads(wanted, least);
  taken += given;
  return given;
};

afterEach(() => {
  giveThreads(taken);
  taken = 0;
});

it("gives what is left, and the least that is asked for where nothing is", () => {
  expect(claim(999, 1)).toBe(cpuBudget());
  expect(claim(4, 1)).toBe(1);
  expect(claim(4, 0)).toBe(0);
});

it("gives no more once it is used up, unless that is taken anyway", () => {
  claim(cpuBudget(), 1);
  expect(takeThreads(1)).toBe(false);
  expect(takeThreads(1, "anyway")).toBe(true);
  giveThreads(2);
  expect(takeThreads(1)).toBe(true);
});
