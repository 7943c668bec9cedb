import { expect, it } from "vitest";
import { double } from "../../test/kit.tsx";
import { sameParts, stableKey } from "./stable-key.ts";

const bytes = new Uint8Array([1]);

it.each<[string, unknown, unknown]>([
  ["objects made anew", { source: "a", device: ["webgpu", "wasm"] }, { source: "a", device: ["webgpu", "wasm"] }],
  ["another order of keys", { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
  ["functions", { source: "a", onProgress: () => 1 }, { source: "a", onProgress: () => 2 }],
  ["what is undefined", { source: "a", device: undefined }, { source: "a" }],
  ["URLs", { url: new URL("https://a.example/") }, { url: new URL("https://a.example/") }],
  ["the same bytes", { source: bytes }, { source: bytes }],
  ["one definition", { definition: double }, { definition: double }],
])("%s make no difference", (_what, a, b) => {
  expect(stableKey(a)).toBe(stableKey(b));
});

it.each<[string, unknown, unknown]>([
  ["a text", { source: "a" }, { source: "b" }],
  ["an order of devices", ["webgpu", "wasm"], ["wasm", "webgpu"]],
  ["a number and its text", { x: 1 }, { x: "1" }],
  ["no value and its text", { x: null }, { x: "null" }],
  ["text that looks like keys", { a: "1", b: "2" }, { a: '1","b":"2' }],
  ["other bytes of the same content", { source: bytes }, { source: new Uint8Array([1]) }],
  ["another definition of the same name and version", { definition: double }, { definition: { ...double } }],
  ["another version", { definition: double }, { definition: { ...double, version: "2" } }],
])("%s does", (_what, a, b) => {
  expect(stableKey(a)).not.toBe(stableKey(b));
});

it("two literals have the same parts, and neither two arrays within them nor other objects", () => {
  const pixels = new Float32Array(2);
  expect(sameParts({ pixels, x: Number.NaN }, { pixels, x: Number.NaN })).toBe(true);
  expect(sameParts([1, "a"], [1, "a"])).toBe(true);
  expect(sameParts({}, {})).toBe(true);
  expect(sameParts({ pixels }, { pixels: new Float32Array(2) })).toBe(false);
  expect(sameParts({ list: [1] }, { list: [1] })).toBe(false);
  expect(sameParts({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  expect(sameParts({ a: undefined }, { b: undefined })).toBe(false);
  expect(sameParts(pixels, new Float32Array(2))).toBe(false);
  expect(sameParts(0, -0)).toBe(false);
  expect(sameParts(null, {})).toBe(false);
});
