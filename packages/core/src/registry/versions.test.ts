import { describe, expect, it } from "vitest";
import { ask, fakeVersion } from "../../test/fake-versions.ts";
import { cached } from "../compose/index.ts";
import { createPredictor } from "../predictor/index.ts";
import { FakeClock, fakeBackend, settle } from "../testing/index.ts";
import type { AbortLike, AnyPredictor } from "../types/index.ts";
import { createRegistry } from "./create-registry.ts";
import type { RegistryEvent } from "./events.ts";
import { latest, specific } from "./policy.ts";
import type { Registry } from "./types.ts";

const states = (registry: Registry): string[] => registry.index().map(({ version, state }) => `${version} ${state}`);
const code = (name: string): unknown => expect.objectContaining({ code: name });
const [one, two, three] = ["1", "2", "3"];

describe("a version policy", () => {
  it.each([
    ["latest(1), which is the default", undefined, ["3 READY", "2 UNKNOWN", "1 UNKNOWN"]],
    ["latest(2)", latest(2), ["3 READY", "2 READY", "1 UNKNOWN"]],
    ["all", "all", ["3 READY", "2 READY", "1 READY"]],
    ["specific", specific([one]), ["3 UNKNOWN", "2 UNKNOWN", "1 READY"]],
  ] as const)("%s", async (_name, policy, expected) => {
    const registry = createRegistry();
    await registry.setVersions("m", [fakeVersion(three), fakeVersion(one), fakeVersion(two)], { policy });
    expect(states(registry)).toEqual(expected);
    const unknown = registry.index().filter(({ state }) => state === "UNKNOWN");
    for (const { reason } of unknown) expect(reason).toBe("left out by the version policy");
    await registry.close();
  });

  it("keeps open what labels, traffic and shadow name", async () => {
    const registry = createRegistry();
    const sources = ["1", "2", "3", "4"].map((version) => fakeVersion(version));
    await registry.setVersions("m", sources, {
      labels: { stable: "1" },
      traffic: {
        split: [
          { label: "stable", weight: 9 },
          { version: "2", weight: 1 },
        ],
      },
      shadow: { version: "3" },
    });
    expect(states(registry)).toEqual(["4 READY", "3 READY", "2 READY", "1 READY"]);
    await registry.close();
  });

  it("takes the one given last for the latest where versions are no numbers", async () => {
    const registry = createRegistry();
    const sources = [fakeVersion("b", { factor: 2 }), fakeVersion("a", { factor: 1 })];
    await registry.setVersions("m", sources);
    expect(registry.index().map(({ version, state }) => [version, state])).toEqual([
      ["a", "READY"],
      ["b", "UNKNOWN"],
    ]);
    await registry.setVersions("m", [...sources].reverse());
    expect(await ask(registry.resolve("m", {}))).toBe(2);
    await registry.close();
  });
});

describe("who answers", () => {
  it("is the label stable where it is set, else the latest that is READY", async () => {
    const registry = createRegistry();
    const sources = [fakeVersion("9"), fakeVersion("10")];
    await registry.setVersions("m", sources, { policy: "all" });
    expect(await ask(registry.resolve("m", {}))).toBe(10);
    expect(registry.list().map(({ version, labels }) => [version, ...labels])).toEqual([["10", "stable"], ["9"]]);
    registry.configure("m", { labels: { stable: "9", canary: "10" } });
    expect(await ask(registry.resolve("m", {}))).toBe(9);
    expect(await ask(registry.resolve("m", { label: "canary" }))).toBe(10);
    expect(await ask(registry.resolve("m", { label: "stable", version: "9" }))).toBe(9);
    expect(registry.list().map(({ version, labels }) => [version, ...labels])).toEqual([
      ["9", "stable"],
      ["10", "canary"],
    ]);
    registry.configure("m", { labels: null });
    expect(await ask(registry.resolve("m", { label: "stable" }))).toBe(10);
    await registry.close();
  });

  it("is nobody for what is not there, or not ready", async () => {
    const registry = createRegistry();
    const slow = fakeVersion("3", { slow: true });
    const done = registry.setVersions("m", [fakeVersion(one), fakeVersion(two, { error: new Error("/secret/path is broken") }), slow], {
      policy: "all",
      labels: { next: "3" },
    });
    await settle();
    const told = (selector: object): unknown => {
      try {
        return registry.lease("m", selector).release();
      } catch (error) {
        return error;
      }
    };
    expect(() => registry.resolve("n", {})).toThrow('model "n": not served here; there is "m"');
    expect(told({ version: "7" })).toEqual(code("MODEL_NOT_FOUND"));
    expect(told({ label: "nobody" })).toEqual(code("MODEL_NOT_FOUND"));
    expect(told({ version: "1", label: "next" })).toEqual(code("NOT_READY"));
    expect(told({ version: "1", label: "nobody" })).toEqual(code("MODEL_NOT_FOUND"));
    expect(told({ version: "3" })).toMatchObject({ code: "NOT_READY", message: 'model "m" version "3": not ready; it is LOADING' });
    expect(told({ label: "next" })).toEqual(code("NOT_READY"));
    // Why a load failed is for those who may read the index.
    expect(String(told({ version: "2" }))).not.toContain("secret");
    expect(registry.index().find(({ version }) => version === "2")).toMatchObject({
      state: "UNAVAILABLE",
      reason: "/secret/path is broken",
    });
    slow.go();
    await done;
    expect(await ask(registry.resolve("m", { label: "next" }))).toBe(3);
    await registry.close();
  });

  it("is what a list of predictors would say, for predictors that are open already, and leaves closing to their owner", async () => {
    const make = async (name: string, version: string): Promise<AnyPredictor> =>
      (await createPredictor({ backend: fakeBackend(), source: "m", name, version })) as unknown as AnyPredictor;
    const models = await Promise.all([make("a", "1"), make("a", "2"), make("b", "1")]);
    const events: RegistryEvent[] = [];
    const registry = createRegistry({ models, onEvent: (event) => events.push(event) });
    expect(registry.list().map(({ name, version, labels }) => [name, version, ...labels])).toEqual([
      ["a", "1", "stable"],
      ["a", "2"],
      ["b", "1", "stable"],
    ]);
    expect(events.map(({ type }) => type)).toEqual(["version-state-changed", "version-state-changed", "version-state-changed"]);
    expect(registry.resolve("a", {})).toBe(models[0]);
    await registry.unload("a", "1");
    expect(registry.resolve("a", {})).toBe(models[1]);
    await registry.load("a", "1");
    expect(registry.resolve("a", {})).toBe(models[0]);
    await registry.setVersions("b", []);
    await registry.close();
    expect(models.map(({ info }) => info.state)).toEqual(["ready", "ready", "ready"]);
    expect(() => createRegistry({ models: [models[0] as AnyPredictor, models[0] as AnyPredictor] })).toThrow(
      code("CONFIG_INVALID") as Error,
    );
    for (const model of models) await model.close();
  });
});

describe("a swap", () => {
  it("opens the new version beside the old, switches, and closes the old one when the last who has it gives it back", async () => {
    const events: string[] = [];
    const registry = createRegistry({
      onEvent: (event) => event.type === "version-state-changed" && events.push(`${event.version} ${event.state}`),
    });
    const [a, b] = [fakeVersion("1"), fakeVersion("2", { slow: true })];
    await registry.setVersions("m", [a]);
    const lease = registry.lease("m", {});
    const swap = registry.setVersions("m", [a, b]);
    await settle();
    expect(states(registry)).toEqual(["2 LOADING", "1 READY"]);
    expect(await ask(registry.resolve("m", {}))).toBe(1);
    b.go();
    await swap;
    expect(states(registry)).toEqual(["2 READY", "1 UNLOADING"]);
    expect(await ask(registry.resolve("m", {}))).toBe(2);
    expect(await ask(lease.predictor)).toBe(1);
    expect(a.backend.openSessions()).toBe(1);
    lease.release();
    await settle();
    expect(a.backend.openSessions()).toBe(0);
    expect(registry.index().at(-1)).toMatchObject({ state: "UNAVAILABLE", reason: "left out by the version policy" });
    expect(events).toEqual(["1 LOADING", "1 READY", "2 LOADING", "2 READY", "1 UNLOADING", "1 UNAVAILABLE"]);
    await registry.close();
    expect(b.backend.openSessions()).toBe(0);
  });

  it("leaves the old version serving where the new one cannot be opened, and lets it go once that can", async () => {
    const registry = createRegistry();
    const old = fakeVersion("1");
    await registry.setVersions("m", [old]);
    await registry.setVersions("m", [fakeVersion("2", { error: new Error("broken") })]);
    expect(registry.index()).toEqual([
      { name: "m", version: "2", state: "UNAVAILABLE", reason: "broken", labels: [] },
      { name: "m", version: "1", state: "READY", reason: 'kept, since version "2" could not be opened', labels: ["stable"] },
    ]);
    expect(await ask(registry.resolve("m", {}))).toBe(1);
    await registry.setVersions("m", [fakeVersion("2")]);
    await settle();
    expect(states(registry)).toEqual(["2 READY"]);
    expect(old.backend.openSessions()).toBe(0);
    await registry.close();
  });

  it("opens a version anew when its content is another, and keeps the old content where that fails", async () => {
    const registry = createRegistry();
    const first = fakeVersion("1", { revision: "a", factor: 10 });
    await registry.setVersions("m", [first]);
    await registry.setVersions("m", [fakeVersion("1", { revision: "a", factor: 11 })]);
    expect(await ask(registry.resolve("m", {}))).toBe(10);
    await registry.setVersions("m", [fakeVersion("1", { revision: "b", error: new Error("half") })]);
    expect(registry.index()).toMatchObject([{ state: "READY", reason: "a load failed, and what was open goes on: half" }]);
    expect(await ask(registry.resolve("m", {}))).toBe(10);
    await registry.setVersions("m", [fakeVersion("1", { revision: "c", factor: 12 })]);
    expect(await ask(registry.resolve("m", {}))).toBe(12);
    expect(registry.index()).toMatchObject([{ state: "READY", reason: "" }]);
    await settle();
    expect(first.backend.openSessions()).toBe(0);
    await registry.close();
  });

  it("moves a label when its version is READY, not before, and leaves it where it was if that never happens", async () => {
    const registry = createRegistry();
    const sources = [fakeVersion("1"), fakeVersion("2", { slow: true })];
    await registry.setVersions("m", sources.slice(0, 1), { labels: { stable: "1" } });
    const swap = registry.setVersions("m", sources, { labels: { stable: "2" } });
    await settle();
    expect(await ask(registry.resolve("m", { label: "stable" }))).toBe(1);
    sources[1]?.go(new Error("no"));
    await swap;
    expect(await ask(registry.resolve("m", { label: "stable" }))).toBe(1);
    const again = registry.load("m", "2");
    await settle();
    sources[1]?.go();
    await again;
    expect(await ask(registry.resolve("m", { label: "stable" }))).toBe(2);
    await registry.close();
  });

  it("does not wait for ever for those who have the old version", async () => {
    const clock = new FakeClock();
    const registry = createRegistry({ clock, drainTimeoutMs: 1000 });
    const old = fakeVersion("1");
    await registry.setVersions("m", [old]);
    const lease = registry.lease("m", {});
    await registry.setVersions("m", [fakeVersion("2")]);
    await clock.advance(999);
    expect(old.backend.openSessions()).toBe(1);
    await clock.advance(1);
    expect(old.backend.openSessions()).toBe(0);
    await expect(ask(lease.predictor)).rejects.toEqual(code("CLOSED"));
    lease.release();
    await registry.close();
    expect(clock.pending).toBe(0);
  });

  it("takes a model away with an empty list", async () => {
    const registry = createRegistry();
    const source = fakeVersion("1");
    await registry.setVersions("m", [source]);
    const lease = registry.lease("m", {});
    await registry.setVersions("m", []);
    expect(registry.list()).toEqual([]);
    expect(() => registry.lease("m", {})).toThrow(code("MODEL_NOT_FOUND") as Error);
    expect(states(registry)).toEqual(["1 UNLOADING"]);
    lease.release();
    await settle();
    expect(registry.index()).toEqual([]);
    expect(source.backend.openSessions()).toBe(0);
    await registry.close();
  });
});

it("a version with a cache of its own answers from it until it is swapped, and gives everything back then", async () => {
  const registry = createRegistry();
  const versions = [fakeVersion("1"), fakeVersion("2")];
  const sources = versions.map((version) => ({
    version: version.version,
    open: async (signal: AbortLike) => cached(await version.open(signal), { closeMembers: true }),
  }));
  const split = {
    split: [
      { label: "stable", weight: 1 },
      { label: "canary", weight: 1 },
    ],
  };
  await registry.setVersions("m", sources, { policy: "all", labels: { stable: "1", canary: "2" }, traffic: split });
  const predictor = registry.predictor("m") as AnyPredictor;
  const keys = Array.from({ length: 8 }, (_, i) => `u${i % 4}`);
  const answers = [];
  for (const routingKey of keys) answers.push(await ask(predictor, 1, { routingKey }));
  expect(answers.slice(4)).toEqual(answers.slice(0, 4));
  expect(new Set(answers)).toEqual(new Set([1, 2]));
  const stats = registry.list().map((model) => model.predictor.stats().cache);
  expect(stats.reduce((sum, cache) => sum + (cache?.hits ?? 0), 0)).toBe(4);
  await registry.setVersions("m", sources.slice(1), { traffic: null, labels: null });
  await settle();
  expect(versions.map(({ backend }) => backend.openSessions())).toEqual([0, 1]);
  await registry.close();
  expect(versions.map(({ backend }) => backend.openSessions())).toEqual([0, 0]);
});
