import { expect, it } from "vitest";
import { Settling } from "./settling.ts";

it("takes what was touched long ago at once", () => {
  expect(new Settling(1000).has("1", { text: "a", changedAt: 5000 }, 6000)).toBe(true);
});

it("waits until nothing has changed for the whole interval", () => {
  const settling = new Settling(1000);
  expect(settling.has("1", { text: "a", changedAt: 5000 }, 5100)).toBe(false);
  expect(settling.has("1", { text: "b", changedAt: 5900 }, 6000)).toBe(false);
  expect(settling.has("1", { text: "b", changedAt: 5900 }, 6800)).toBe(false);
  expect(settling.has("1", { text: "b", changedAt: 5900 }, 6900)).toBe(true);
});

it("does not need a clock that the file system shares", () => {
  const settling = new Settling(1000);
  expect(settling.has("1", { text: "a", changedAt: 9e12 }, 5000)).toBe(false);
  expect(settling.has("1", { text: "a", changedAt: 9e12 }, 6000)).toBe(true);
});

it("waits before it believes that something has gone", () => {
  const settling = new Settling(1000);
  const nothing = { text: "", changedAt: 0 };
  expect(settling.has("1", { text: "a", changedAt: 0 }, 5000)).toBe(true);
  expect(settling.has("1", nothing, 6000)).toBe(false);
  expect(settling.has("1", nothing, 7000)).toBe(true);
  settling.forget("1");
  expect(settling.has("1", nothing, 8000)).toBe(false);
});
