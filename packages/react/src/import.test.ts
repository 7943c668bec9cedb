// @vitest-environment node
import { expect, it } from "vitest";

it("importing it does nothing, where there is no page", async () => {
  const before = Object.keys(globalThis);
  const { PredictorProvider, usePrediction } = await import("./index.ts");
  expect([typeof PredictorProvider, typeof usePrediction]).toEqual(["function", "function"]);
  expect(Object.keys(globalThis)).toEqual(before);
  expect(typeof document).toBe("undefined");
});
