import { describe, expect, it } from "vitest";
import { ask, fakeVersion } from "../../test/fake-versions.ts";
import { createPredictor } from "../predictor/index.ts";
import { fakeBackend } from "../testing/index.ts";
import type { AnyPredictor } from "../types/index.ts";
import { createRegistry } from "./create-registry.ts";
import type { GoldenCase } from "./types.ts";

const input = { x: [[3]] };

describe("golden cases", () => {
  it.each([
    ["the right output", { input, output: { y: [[6]] } }],
    ["nearly the right output", { input, output: { y: [[6.5]] }, tolerance: 0.1 }],
    ["a check that is content", { input, check: () => true }],
    ["a check that says nothing", { input, check: async () => undefined }],
  ] satisfies [string, GoldenCase][])("lets a version in with %s", async (_what, golden) => {
    const registry = createRegistry();
    await registry.setVersions("m", [fakeVersion("2", { golden: [golden] })]);
    expect(registry.index()).toMatchObject([{ state: "READY" }]);
    await registry.close();
  });

  it.each([
    ["another output", { input, output: { y: [[7]] } }, "golden case 1: output.y[0]: expected 7, got 6, which is off by more than 0.001"],
    ["a check that says no", { input, check: () => false }, "golden case 1: its check refused the output"],
    ["a check that says why", { input, check: async () => "too warm" }, "golden case 1: too warm"],
    ["a check that throws", { input, check: () => Promise.reject(new Error("cold")) }, "golden case 1: cold"],
    ["an input that it refuses", { input: { z: 1 }, check: () => true }, /^golden case 1: input "x"/],
  ] satisfies [string, GoldenCase, unknown][])("keeps a version out, and closes it, with %s", async (_what, golden, reason) => {
    const registry = createRegistry();
    await registry.setVersions("m", [fakeVersion("1")]);
    const next = fakeVersion("2", { golden: [{ input, output: { y: [[6]] } }, golden] });
    await registry.setVersions("m", [fakeVersion("1"), next]);
    expect(registry.index()[0]).toMatchObject({
      state: "UNAVAILABLE",
      reason: typeof reason === "string" ? reason : expect.stringMatching(reason),
    });
    expect(next.backend.openSessions()).toBe(0);
    expect(await ask(registry.resolve("m", {}))).toBe(1);
    await expect(registry.load("m", "2")).rejects.toMatchObject({ code: "OUTPUT_INVALID" });
    await registry.close();
  });
});

describe("what open gives", () => {
  it("answers under the registry's name and version, whatever it was opened with", async () => {
    const registry = createRegistry();
    const open = async (): Promise<AnyPredictor> =>
      (await createPredictor({ backend: fakeBackend(), source: "m", name: "other" })) as unknown as AnyPredictor;
    await registry.setVersions("m", [{ version: "7", open }]);
    const { predictor } = registry.lease("m", {});
    expect(predictor.info).toMatchObject({ name: "m", version: "7", state: "ready" });
    const { model } = await predictor.predictDetailed(input);
    expect(model).toMatchObject({ name: "m", version: "7" });
    expect((await predictor.predictEncoded({ x: [[1]] })).model.version).toBe("7");
    expect(predictor.stats().succeeded).toBe(2);
    await registry.setVersions("m", []);
  });

  it.each([
    ["nothing", async () => undefined, 'option "open": expected a predictor, got undefined'],
    [
      "a throw",
      () => {
        throw new Error("at once");
      },
      "at once",
    ],
  ])("must be a predictor, not %s", async (_what, open, reason) => {
    const registry = createRegistry();
    await registry.setVersions("m", [{ version: "1", open: open as never }]);
    expect(registry.index()).toMatchObject([{ state: "UNAVAILABLE", reason }]);
  });

  it("must be open", async () => {
    const predictor = (await createPredictor({ backend: fakeBackend(), source: "m" })) as unknown as AnyPredictor;
    await predictor.close();
    const registry = createRegistry();
    await registry.setVersions("m", [{ version: "1", open: async () => predictor }]);
    expect(registry.index()).toMatchObject([{ state: "UNAVAILABLE", reason: "open gave a predictor that is closed" }]);
  });
});
