import { afterEach, expect, it } from "vitest";
import { claimThreads, cpuBudget, giveThreads, shareOf, takeThreads } from "./budget.ts";

let taken = 0;
const claim = (wanted: number, least: number): number => {
  const given = claimThreads(wanted, least);
  taken += given;
  return given;
};

afterEach(() => {
  giveThreads(taken);
  taken = 0;
  delete process.env["PREDIKT_CPU_BUDGET"];
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

it("is what the environment says, where that is a number of threads", () => {
  const own = cpuBudget();
  process.env["PREDIKT_CPU_BUDGET"] = "7";
  expect(cpuBudget()).toBe(7);
  for (const text of ["", "0", "-1", "1.5", "many"]) {
    process.env["PREDIKT_CPU_BUDGET"] = text;
    expect(cpuBudget()).toBe(own);
  }
});

it("is shared without a rest, and nobody goes without", () => {
  expect([0, 1, 2].map((index) => shareOf(7, index, 3))).toEqual([3, 2, 2]);
  expect([0, 1, 2].map((index) => shareOf(2, index, 3))).toEqual([1, 1, 1]);
});
