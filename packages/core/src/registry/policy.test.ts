import { expect, it } from "vitest";
import { chosenBy, inOrder, latest, specific } from "./policy.ts";

it("orders whole numbers by number, whatever their length, and other versions as they were given", () => {
  expect(inOrder(["10", "9", "1"])).toEqual(["1", "9", "10"]);
  expect(inOrder(["18446744073709551617", "18446744073709551616"])).toEqual(["18446744073709551616", "18446744073709551617"]);
  expect(inOrder(["b", "10", "9"])).toEqual(["b", "10", "9"]);
  expect(inOrder([])).toEqual([]);
});

it("chooses the latest, all, or those that are named and there", () => {
  const ordered = ["1", "2", "3"];
  expect([...chosenBy(latest(1), ordered)]).toEqual(["3"]);
  expect([...chosenBy(latest(9), ordered)]).toEqual(ordered);
  expect([...chosenBy("all", ordered)]).toEqual(ordered);
  expect([...chosenBy(specific(["1", "7"]), ordered)]).toEqual(["1"]);
});
