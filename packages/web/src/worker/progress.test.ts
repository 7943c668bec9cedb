import type { LoadProgress } from "@predikt/core";
import { expect, it } from "vitest";
import { Progress } from "./progress.ts";

it("of several files is one, never falls, and never passes 1", () => {
  const told: LoadProgress[] = [];
  const progress = new Progress((each) => told.push(each));
  progress.report({ name: "a", loaded: 50, total: 100 }, false);
  progress.report({ name: "b", loaded: 0, total: undefined }, true);
  progress.report({ name: "b", loaded: 0, total: 900 }, true);
  progress.report({ name: "b", loaded: 1000, total: 900 }, true);
  expect(told.map(({ ratio }) => ratio)).toEqual([0.5, undefined, 0.5, 1]);
  expect(told.at(-1)).toMatchObject({ phase: "download", loaded: 1050, total: 1000, fromCache: false });
  expect(told.at(-1)?.files?.map(({ name }) => name)).toEqual(["a", "b"]);
});

it("comes from the store only where all of it does", () => {
  const told: LoadProgress[] = [];
  const progress = new Progress((each) => told.push(each));
  progress.report({ name: "a", loaded: 1, total: 1 }, true);
  progress.report({ name: "b", loaded: 1, total: 1 }, false);
  expect(told.map(({ fromCache }) => fromCache)).toEqual([true, false]);
});
