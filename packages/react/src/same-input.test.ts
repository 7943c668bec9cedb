import { expect, it } from "vitest";
import { sameInput } from "./same-input.ts";

it.each([
  [1, 1],
  [Number.NaN, Number.NaN],
  [{ a: [1, { b: "c" }] }, { a: [1, { b: "c" }] }],
  [new Float32Array([1, 2]), new Float32Array([1, 2])],
  [null, null],
])("%j is the same as %j", (a, b) => {
  expect(sameInput(a, b)).toBe(true);
});

it.each([
  [0, -0],
  [{ a: 1 }, { b: 1 }],
  [{ a: 1 }, { a: 1, b: 2 }],
  [{ a: undefined }, { b: undefined }],
  [[1], [1, 2]],
  [
    [1, 2],
    [1, 3],
  ],
  [new Float32Array([1]), new Float64Array([1])],
  [new Date(0), new Date(0)],
  [{}, null],
  [{}, []],
])("%j is not the same as %j", (a, b) => {
  expect(sameInput(a, b)).toBe(false);
});
