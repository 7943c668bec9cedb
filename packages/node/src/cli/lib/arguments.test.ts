import { expect, it } from "vitest";
import { above, bytes, headersOf, oneOf, steps, whole } from "./arguments.ts";

it("reads lists and ranges of steps", () => {
  expect(["4", "1,2,4", "1:4", "2:9:3", "0.5:1.5:0.5"].map(steps)).toEqual([[4], [1, 2, 4], [1, 2, 3, 4], [2, 5, 8], [0.5, 1, 1.5]]);
  for (const text of ["", "0", "1,", "4:1", "1:2:0", "1:2:3:4", "x", "1:1e9"]) expect(() => steps(text), text).toThrow(/Expected numbers/);
});

it("reads numbers within their range, bytes and words", () => {
  expect([whole(0, 65_535)("0"), above(0)("0.5"), bytes("1KiB"), oneOf("a", "b")("b")]).toEqual([0, 0.5, 1024, "b"]);
  for (const text of ["", "65536", "-1", "1.5", "http"]) expect(() => whole(0, 65_535)(text), text).toThrow("from 0 to 65535");
  for (const text of ["", " ", "0", "Infinity"]) expect(() => above(0)(text), text).toThrow("above 0");
  expect(() => oneOf("a", "b")("c")).toThrow("one of a, b");
  expect(() => bytes("0")).toThrow("bytes");
});

it("reads headers", () => {
  expect(headersOf(["Authorization: Bearer a:b", "x-y:z"])).toEqual({ authorization: "Bearer a:b", "x-y": "z" });
  expect(() => headersOf(["nothing"])).toThrow('expected "name: value"');
});
