import { describe, expect, it } from "vitest";
import { ask, fakeVersion } from "../../test/fake-versions.ts";
import { settle } from "../testing/index.ts";
import type { AnyPredictor } from "../types/index.ts";
import { createRegistry } from "./create-registry.ts";

const code = (name: string): unknown => expect.objectContaining({ code: name });
const input = { x: [[1]] };

describe("registry.predictor", () => {
  it("asks the registry anew for each call, in every way to ask", async () => {
    const registry = createRegistry();
    const predictor = registry.predictor("m") as AnyPredictor;
    // It may be made before there is anything to follow.
    await expect(predictor.predict(input)).rejects.toEqual(code("MODEL_NOT_FOUND"));
    expect(() => predictor.info).toThrow(code("MODEL_NOT_FOUND") as Error);
    const sources = [fakeVersion("1"), fakeVersion("2")];
    await registry.setVersions("m", sources.slice(0, 1));
    expect(await ask(predictor)).toBe(1);
    expect(predictor.info).toMatchObject({ name: "m", version: "1", state: "ready" });
    expect(predictor.definition).toBeUndefined();
    await registry.setVersions("m", sources);
    expect(await ask(predictor)).toBe(2);
    expect((await predictor.predictDetailed(input)).model.version).toBe("2");
    expect((await predictor.predictEncoded(input)).model.version).toBe("2");
    expect((await predictor.run(input))["y"]).toMatchObject({ dims: [1, 1] });
    expect(await predictor.predictMany([input, input])).toMatchObject([{ status: "fulfilled" }, { status: "fulfilled" }]);
    await predictor.warmup();
    expect(predictor.stats()).toMatchObject({ succeeded: 7, failed: 0 });
    await settle();
    expect(sources[0]?.backend.openSessions()).toBe(0);
    await registry.close();
    await expect(predictor.predict(input)).rejects.toEqual(code("CLOSED"));
  });

  it("takes version, label and routing key from its selector and from the call", async () => {
    const registry = createRegistry({ random: () => 0 });
    await registry.setVersions("m", [fakeVersion("1"), fakeVersion("2")], {
      policy: "all",
      labels: { stable: "1", canary: "2" },
      traffic: {
        split: [
          { label: "stable", weight: 1 },
          { label: "canary", weight: 1 },
        ],
        seed: "s",
      },
    });
    const any = registry.predictor("m") as never;
    const canary = registry.predictor("m", { label: "canary" }) as never;
    expect(await ask(canary)).toBe(2);
    expect(await ask(any, 1, { label: "canary" })).toBe(2);
    expect(await ask(any, 1, { version: "1" })).toBe(1);
    await expect(ask(canary, 1, { version: "1" })).rejects.toEqual(code("MODEL_NOT_FOUND"));
    const sides = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(any, 1, { routingKey: `u${i}` })));
    expect(new Set(sides)).toEqual(new Set([1, 2]));
    const mine = registry.predictor("m", { routingKey: `u${sides.indexOf(2)}` }) as never;
    expect(await ask(mine)).toBe(2);
    await registry.close();
  });

  it("hears every version of its model, those that come later too, until it is closed", async () => {
    const registry = createRegistry();
    const predictor = registry.predictor("m");
    const heard: string[] = [];
    predictor.on("job-settled", ({ outcome }) => heard.push(outcome));
    const sources = [fakeVersion("1"), fakeVersion("2")];
    await registry.setVersions("m", sources.slice(0, 1));
    await registry.setVersions("other", [fakeVersion("1")]);
    const old = registry.lease("m", {});
    await registry.setVersions("m", sources);
    await ask(predictor as never);
    // One that is on its way out is heard as long as somebody has it.
    await ask(old.predictor);
    old.release();
    await ask(registry.resolve("other", {}));
    expect(heard).toEqual(["succeeded", "succeeded"]);
    const stop = predictor.on("*", () => heard.push("more"));
    stop();
    await predictor.close();
    await ask(registry.resolve("m", {}));
    expect(heard).toHaveLength(2);
    await registry.close();
  });

  it("closes for itself only, once its own calls have ended", async () => {
    const registry = createRegistry();
    const source = fakeVersion("1");
    await registry.setVersions("m", [source]);
    const predictor = registry.predictor("m");
    source.backend.hold(true);
    const answer = ask(predictor as never);
    await settle();
    let closed = false;
    const closing = predictor[Symbol.asyncDispose]().then(() => {
      closed = true;
    });
    await settle();
    expect([closed, predictor.info.state]).toEqual([false, "draining"]);
    source.backend.hold(false);
    source.backend.release();
    expect(await answer).toBe(1);
    await closing;
    expect(predictor.info.state).toBe("closed");
    await expect(predictor.predict(input)).rejects.toEqual(code("CLOSED"));
    expect(await ask(registry.resolve("m", {}))).toBe(1);
    await registry.close();
  });
});
