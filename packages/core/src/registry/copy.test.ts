import { expect, it } from "vitest";
import { tensor } from "../tensor/index.ts";
import { copyOf } from "./copy.ts";

/** Node's Buffer: its slice is a view. */
class View extends Uint8Array {
  override slice(): never {
    return this.subarray() as never;
  }
}

it("copies what a caller may change, and shares what it cannot tell the parts of", () => {
  const date = new Date(0);
  const given = {
    list: [1, 2],
    nested: [{ a: "b" }],
    floats: new Float32Array([1]),
    buffer: new View([1]),
    date,
    t: tensor("float32", [1], [1]),
  };
  const copy = copyOf(given, { bytes: 1000 }) as typeof given;
  expect(copy).toEqual({ ...given, t: { type: "float32", data: new Float32Array([1]), dims: [1] } });
  given.list[0] = 9;
  given.floats[0] = 9;
  given.buffer[0] = 9;
  (given.nested[0] as { a: string }).a = "c";
  (given.t.data as Float32Array)[0] = 9;
  expect(copy).toMatchObject({ list: [1, 2], nested: [{ a: "b" }], floats: new Float32Array([1]), t: { data: new Float32Array([1]) } });
  expect(copy.buffer[0]).toBe(1);
  expect(copy.date).toBe(date);
});

it.each([
  ["a typed array", new Float32Array(100), 400],
  ["a list of numbers", new Array(50).fill(0), 400],
  ["text", ["x".repeat(200)], 400],
])("takes what %s needs off the budget, and stops when that is spent", (_what, value, bytes) => {
  const budget = { bytes: bytes };
  expect(copyOf(value, budget)).toEqual(value);
  expect(budget.bytes).toBe(0);
  const tooSmall = { bytes: bytes - 1 };
  copyOf(value, tooSmall);
  expect(tooSmall.bytes).toBeLessThan(0);
});
