import { describe, expect, it } from "vitest";
import { ask, fakeVersion } from "../../test/fake-versions.ts";
import { FakeClock } from "../testing/index.ts";
import type { PredictOptions } from "../types/index.ts";
import { createRegistry } from "./create-registry.ts";
import type { RegistryEvent } from "./events.ts";
import type { ModelConfig, Registry } from "./types.ts";

const code = (name: string): unknown => expect.objectContaining({ code: name });
const split = {
  split: [
    { label: "stable", weight: 90 },
    { label: "canary", weight: 10 },
  ],
};

/** A registry of two versions, and what it reports. */
async function canary(config: ModelConfig, options: { random?: () => number; clock?: FakeClock } = {}) {
  const events: RegistryEvent[] = [];
  const registry = createRegistry({ ...options, onEvent: (event) => events.push(event) });
  const versions = ["1", "2"].map((version) => fakeVersion(version, options.clock === undefined ? {} : { clock: options.clock }));
  await registry.setVersions("m", versions, { policy: "all", labels: { stable: "1", canary: "2" }, ...config });
  return { registry, versions, events };
}

/** Leases, asks and gives back, as a server does. */
async function call(registry: Registry, selector = {}, options: PredictOptions = {}): Promise<number> {
  const lease = registry.lease("m", selector);
  try {
    return await ask(lease.predictor, 1, options);
  } finally {
    lease.release();
  }
}

describe("traffic", () => {
  it("is divided by weight: a routing key always finds the same side, other requests fall as the generator says", async () => {
    let next = 0;
    const { registry } = await canary({ traffic: split }, { random: () => next });
    let canaries = 0;
    for (let i = 0; i < 1000; i++) {
      const routingKey = `user-${i}`;
      const version = await call(registry, { routingKey });
      expect(await call(registry, { routingKey })).toBe(version);
      canaries += version - 1;
    }
    expect(canaries).toBeGreaterThan(70);
    expect(canaries).toBeLessThan(130);
    expect(await call(registry)).toBe(1);
    next = 0.95;
    expect(await call(registry)).toBe(2);
    // Who asks for a version or a label gets it.
    expect(await call(registry, { version: "1" })).toBe(1);
    expect(await call(registry, { label: "stable", routingKey: "x" })).toBe(1);
    // Documents describe what answers by default.
    expect(registry.resolve("m", {}).info.version).toBe("1");
    await registry.close();
  });

  it("is the same in every process for the same seed, and other for another one", async () => {
    const sides = async (seed: string | undefined): Promise<number[]> => {
      const { registry } = await canary({
        traffic: {
          split: [
            { version: "1", weight: 1 },
            { version: "2", weight: 1 },
          ],
          seed,
        },
      });
      const found = await Promise.all(Array.from({ length: 40 }, (_, i) => call(registry, { routingKey: `user-${i}` })));
      await registry.close();
      return found;
    };
    expect(await sides("a")).toEqual(await sides("a"));
    expect(await sides("a")).not.toEqual(await sides("b"));
    expect(await sides(undefined)).toEqual(await sides("m"));
  });

  it("counts and times what each version did, and whose fault a failure was", async () => {
    const clock = new FakeClock();
    const { registry, versions } = await canary({ traffic: split }, { random: () => 0, clock });
    const { backend } = versions[0] as (typeof versions)[number];
    backend.hold(true);
    const slow = call(registry);
    await clock.advance(40);
    backend.release();
    await slow;
    backend.hold(false);
    await call(registry);
    const wrongInput = registry.lease("m", {});
    await expect(wrongInput.predictor.predict({ z: 1 })).rejects.toEqual(code("INPUT_MISSING"));
    wrongInput.release();
    const gone = new AbortController();
    gone.abort(new Error("gone"));
    await expect(call(registry, {}, { signal: gone.signal })).rejects.toThrow("gone");
    const many = registry.lease("m", { label: "canary" });
    await many.predictor.predictMany([{ x: [[1]] }, { z: 1 }]);
    many.release();
    expect(registry.traffic("m")).toEqual({
      name: "m",
      split: [
        { label: "stable", version: "1", weight: 0.9 },
        { label: "canary", version: "2", weight: 0.1 },
      ],
      versions: [
        { version: "1", weight: 0.9, requests: 3, errors: 0, p50Ms: 0, p95Ms: 40 },
        { version: "2", weight: 0.1, requests: 2, errors: 0, p50Ms: undefined, p95Ms: undefined },
      ],
      shadow: undefined,
      rollbacks: [],
    });
    await registry.close();
  });

  it("falls to what answers by default where a share's label is taken away or its version unloaded, and comes back with it", async () => {
    const { registry, events } = await canary({ traffic: { split: [{ label: "canary", weight: 1 }] } });
    expect(await call(registry)).toBe(2);
    registry.configure("m", { labels: { stable: "1" } });
    expect(await call(registry, { routingKey: "k" })).toBe(1);
    expect(registry.traffic("m")).toMatchObject({ split: [{ label: "canary", version: undefined, weight: 1 }] });
    expect(registry.traffic("m")?.versions).toMatchObject([
      { version: "1", weight: 1 },
      { version: "2", weight: 0 },
    ]);
    registry.configure("m", { labels: { stable: "1", canary: "2" } });
    expect(await call(registry)).toBe(2);
    await registry.unload("m", "2");
    expect(await call(registry)).toBe(1);
    await registry.load("m", "2");
    expect(await call(registry)).toBe(2);
    registry.configure("m", { traffic: null });
    expect(await call(registry)).toBe(1);
    expect(registry.traffic("m")).toBeUndefined();
    const told = events
      .filter(({ type }) => type === "traffic-changed")
      .map((event) => "split" in event && event.split.map(({ version }) => version));
    expect(told).toEqual([[undefined], ["2"], [undefined], ["2"], [undefined], ["2"], []]);
    await registry.close();
  });

  it("costs nothing where there is none: the predictor itself is handed out", async () => {
    const { registry, versions } = await canary({});
    expect(registry.lease("m", {}).predictor).toBe(versions[0]?.predictors[0]);
    expect(registry.lease("m", {})).toBe(registry.lease("m", { routingKey: "k" }));
    for (let i = 0; i < 3; i++) registry.lease("m", {}).release();
    await registry.setVersions("m", []);
  });

  it.each([
    ["an unknown label", { traffic: { split: [{ label: "nobody", weight: 1 }] } }, "config.traffic.split[0].label"],
    ["stable, which is not set", { labels: { canary: "2" }, traffic: split }, "config.traffic.split[0].label"],
    ["an unknown version", { traffic: { split: [{ version: "9", weight: 1 }] } }, "config.traffic.split[0].version"],
    ["no share", { traffic: { split: [] } }, "config.traffic.split"],
    ["no weight at all", { traffic: { split: [{ version: "1", weight: 0 }] } }, "config.traffic.split"],
    ["a weight below 0", { traffic: { split: [{ version: "1", weight: -1 }] } }, "config.traffic.split[0].weight"],
    ["both a label and a version", { traffic: { split: [{ version: "1", label: "stable", weight: 1 }] } }, "config.traffic.split[0]"],
    ["a label for a version that there is not", { labels: { canary: "9" } }, "config.labels.canary"],
    ["a label that no path can carry", { labels: { "a/b": "1" } }, 'config.labels key "a/b"'],
    ["a shadow of nothing", { shadow: {} }, "config.shadow"],
    ["a sample above 1", { shadow: { version: "2", sample: 2 } }, "config.shadow.sample"],
    ["a rollback without a gate", { rollback: {} }, "config.rollback"],
    [
      "a rollback that waits for more than is remembered",
      { rollback: { p95Ms: 1, minimumRequests: 5000 } },
      "config.rollback.minimumRequests",
    ],
    ["an unknown part", { labls: {} }, "config.labls"],
    ["a policy of none", { policy: { latest: 0 } }, "config.policy.latest"],
  ] as [string, ModelConfig, string][])("is refused with %s, and nothing is changed", async (_what, config, path) => {
    const { registry } = await canary({ traffic: split });
    const before = [registry.index(), registry.traffic("m")];
    const refusal = { code: "CONFIG_INVALID", details: { path } };
    expect(() => registry.configure("m", { labels: { stable: "2" }, ...config })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
    await expect(registry.setVersions("m", [fakeVersion("1"), fakeVersion("2")], config)).rejects.toMatchObject(refusal);
    expect([registry.index(), registry.traffic("m")]).toEqual(before);
    await registry.close();
  });

  it("refuses a label onto a version that is not READY", async () => {
    const registry = createRegistry();
    await registry.setVersions("m", [fakeVersion("1"), fakeVersion("2", { error: new Error("no") })], { policy: "all" });
    expect(() => registry.configure("m", { labels: { canary: "2" } })).toThrow(
      'option "config.labels.canary": expected a version that is READY, got "2", which is UNAVAILABLE',
    );
    expect(() => registry.configure("n", {})).toThrow(code("MODEL_NOT_FOUND") as Error);
    await registry.close();
  });
});
