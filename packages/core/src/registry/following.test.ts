import { describe, expect, it } from "vitest";
import { ask, fakeVersion } from "../../test/fake-versions.ts";
import { ensemble, pipeline } from "../compose/index.ts";
import { settle } from "../testing/index.ts";
import type { AnyPredictor, Definition } from "../types/index.ts";
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
    expect(await ask(registry.predictor({ name: "m" } as Definition<unknown, unknown>) as AnyPredictor)).toBe(1);
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

  it("leaves nothing on a version that it does not hear any more", async () => {
    const registry = createRegistry();
    const source = fakeVersion("1");
    await registry.setVersions("m", [source]);
    const version = source.predictors[0] as AnyPredictor;
    const on = version.on.bind(version) as (type: string, listener: () => void) => () => void;
    let listeners = 0;
    Object.assign(version, {
      on(type: string, listener: () => void) {
        listeners++;
        const stop = on(type, listener);
        return () => {
          listeners--;
          stop();
        };
      },
    });
    const predictor = registry.predictor("m");
    const stops = [predictor.on("job-settled", () => {}), predictor.on("*", () => {})];
    expect(listeners).toBe(4);
    for (const stop of stops) stop();
    expect(listeners).toBe(0);
    await registry.close();
  });

  it("outlives its versions: their ends are not its own, and what mounts it stays", async () => {
    const registry = createRegistry();
    const sources = [fakeVersion("1"), fakeVersion("2")];
    await registry.setVersions("m", sources.slice(0, 1));
    const predictor = registry.predictor("m") as AnyPredictor;
    const ends: string[] = [];
    predictor.on("*", ({ type }) => ends.push(type));
    const mounting = createRegistry({ models: [predictor] });
    await registry.setVersions("m", sources);
    await settle();
    expect(sources[0]?.predictors[0]?.info.state).toBe("closed");
    expect(mounting.index()).toMatchObject([{ state: "READY" }]);
    expect(await ask(mounting.predictor("m") as never)).toBe(2);
    expect(ends).not.toContain("predictor-closed");
    await predictor.close();
    expect(ends.filter((type) => type === "predictor-closed")).toHaveLength(1);
    expect(mounting.index()).toMatchObject([{ state: "UNAVAILABLE" }]);
    await registry.close();
  });

  it("can be looked at while no version is READY: it is closed until one is, and compositions go on without it", async () => {
    const registry = createRegistry();
    await registry.setVersions("m", [fakeVersion("1")]);
    await registry.setVersions("other", [fakeVersion("3")]);
    const [m, other] = [registry.predictor("m"), registry.predictor("other")] as [AnyPredictor, AnyPredictor];
    const both = ensemble([m, other], { combine: (outputs) => outputs.at(-1), quorum: 1 }) as AnyPredictor;
    const line = pipeline([m]) as AnyPredictor;
    const failed: string[] = [];
    both.on("stage-failed", (event) => failed.push(event.code));
    await registry.unload("m");
    expect([m.info, m.stats().requests, m.definition]).toEqual([expect.objectContaining({ version: "1", state: "closed" }), 0, undefined]);
    expect(await ask(both)).toBe(3);
    expect(failed).toEqual(["NOT_READY"]);
    expect([both.info.state, line.info.state]).toEqual(["ready", "closed"]);
    await expect(line.predict(input)).rejects.toMatchObject({ code: "NOT_READY", details: { stage: { index: 0, name: "m" } } });
    await registry.load("m");
    expect([m.info.state, await ask(line)]).toEqual(["ready", 1]);
    await registry.close();
    expect(m.info.state).toBe("closed");
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
