import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ask, fakeVersion } from "../../test/fake-versions.ts";
import { settle } from "../testing/index.ts";
import type { AbortLike } from "../types/index.ts";
import { createRegistry } from "./create-registry.ts";
import { latest } from "./policy.ts";

const code = (name: string): unknown => expect.objectContaining({ code: name });

describe("calls for one model", () => {
  it("run one after the other: an unload that comes during a load ends it, and the version is out of service", async () => {
    const registry = createRegistry();
    const source = fakeVersion("1", { slow: true });
    const loading = registry.setVersions("m", [source]);
    await settle();
    const unloading = registry.unload("m", "1");
    expect(source.signals[0]?.aborted).toBe(true);
    await loading;
    await unloading;
    expect(registry.index()).toMatchObject([{ state: "UNAVAILABLE", reason: "unloaded" }]);
    source.go();
    await settle();
    expect(source.backend.openSessions()).toBe(0);
    // What was unloaded stays so, until it is asked for by name.
    await registry.setVersions("m", [source]);
    expect(registry.index()).toMatchObject([{ state: "UNAVAILABLE" }]);
    const again = registry.load("m", "1");
    await settle();
    source.go();
    await again;
    expect(await ask(registry.resolve("m", {}))).toBe(1);
    await registry.close();
    expect(source.backend.openSessions()).toBe(0);
  });

  it("of setVersions: a load that the later one does not want is given up, one that it wants goes on, and both end with the later one", async () => {
    const registry = createRegistry();
    const [a, b, c] = [fakeVersion("1", { slow: true }), fakeVersion("2", { slow: true }), fakeVersion("3", { slow: true })];
    const ends: number[] = [];
    const first = registry.setVersions("m", [a, b], { policy: latest(2), labels: { stable: "2" } }).then(() => ends.push(1));
    await settle();
    const second = registry.setVersions("m", [a, b]).then(() => ends.push(2));
    const third = registry.setVersions("m", [b, c]).then(() => ends.push(3));
    await settle();
    expect([a, b, c].map(({ signals }) => signals.map(({ aborted }) => aborted))).toEqual([[true], [false], []]);
    b.go();
    await settle();
    await settle();
    // The first is done with its two; the second leaves what is to be opened to the third.
    expect([a, b, c].map(({ signals }) => signals.length)).toEqual([1, 1, 1]);
    expect(ends).toEqual([]);
    c.go();
    await Promise.all([first, second, third]);
    expect(registry.list().map(({ version }) => version)).toEqual(["2", "3"]);
    a.go();
    await registry.close();
    expect([a, b, c].map(({ backend }) => backend.openSessions())).toEqual([0, 0, 0]);
  });

  it("of setVersions: a later one that is refused does not keep the earlier one from its end", async () => {
    const registry = createRegistry();
    const source = fakeVersion("1", { slow: true });
    const first = registry.setVersions("m", [source], { policy: "all" });
    const wrong = registry.setVersions("m", [source], { labels: { stable: "9" } });
    await Promise.all([expect(wrong).rejects.toEqual(code("CONFIG_INVALID")), settle().then(() => source.go())]);
    await first;
    expect(registry.list()).toHaveLength(1);
    await registry.close();
  });

  it("of several models do not wait for one another", async () => {
    const registry = createRegistry();
    const hanging = fakeVersion("1", { slow: true });
    const never = registry.setVersions("a", [hanging]);
    await registry.setVersions("b", [fakeVersion("1")]);
    expect(registry.list().map(({ name }) => name)).toEqual(["b"]);
    expect(registry.unready()).toEqual([{ name: "a", state: "LOADING" }]);
    await registry.close();
    await never;
  });
});

describe("load and unload", () => {
  it("load a version again beside the old one, and say why where it fails", async () => {
    const registry = createRegistry();
    let error: Error | undefined;
    const good = fakeVersion("1");
    const source = { ...good, open: (signal: AbortLike) => (error === undefined ? good.open(signal) : Promise.reject(error)) };
    await registry.setVersions("m", [source]);
    const before = registry.resolve("m", {});
    await registry.load("m");
    expect(registry.resolve("m", {})).not.toBe(before);
    await settle();
    expect(good.backend.openSessions()).toBe(1);
    error = new Error("gone bad");
    await expect(registry.load("m", "1")).rejects.toBe(error);
    expect(await ask(registry.resolve("m", {}))).toBe(1);
    expect(registry.index()).toMatchObject([{ state: "READY", reason: expect.stringContaining("gone bad") }]);
    await registry.close();
  });

  it("keep a version that the policy left out until it is unloaded", async () => {
    const registry = createRegistry();
    const sources = ["1", "2", "3"].map((version) => fakeVersion(version));
    const open = (): string[] => registry.list().map(({ version }) => version);
    await registry.setVersions("m", sources.slice(0, 2));
    await registry.load("m", "1");
    expect(open()).toEqual(["2", "1"]);
    await registry.setVersions("m", sources);
    expect(open()).toEqual(["3", "1"]);
    await registry.unload("m", "1");
    expect(open()).toEqual(["3"]);
    await registry.unload("m", "3");
    // The latest that answers is gone: the next is opened by the next look at the versions, not behind the back of who unloaded.
    expect(() => registry.lease("m", {})).toThrow(code("NOT_READY") as Error);
    await registry.setVersions("m", sources);
    expect(open()).toEqual(["2"]);
    await registry.load("m");
    expect(open()).toEqual(["3"]);
    await registry.close();
  });

  it("give the default answer to the next READY version when its own is unloaded, label and all", async () => {
    const registry = createRegistry();
    await registry.setVersions("m", [fakeVersion("1"), fakeVersion("2")], { policy: "all", labels: { stable: "2" } });
    await registry.unload("m", "2");
    expect(await ask(registry.resolve("m", {}))).toBe(1);
    expect(registry.index().map(({ version, labels }) => [version, ...labels])).toEqual([["2"], ["1", "stable"]]);
    await registry.load("m", "2");
    expect(await ask(registry.resolve("m", {}))).toBe(2);
    await registry.close();
  });

  it("resolve an unload when the last who has it gives it back, while others go on", async () => {
    const registry = createRegistry();
    const source = fakeVersion("1");
    await registry.setVersions("m", [source]);
    const lease = registry.lease("m", {});
    let unloaded = false;
    const unloading = registry.unload("m").then(() => {
      unloaded = true;
    });
    await settle();
    await registry.load("m", "1");
    expect(await ask(registry.resolve("m", {}))).toBe(1);
    expect([unloaded, source.backend.openSessions()]).toEqual([false, 2]);
    lease.release();
    await unloading;
    expect(source.backend.openSessions()).toBe(1);
    await registry.close();
  });

  it.each(["load", "unload"] as const)("%s nothing that is not there", async (call) => {
    const registry = createRegistry();
    await expect(registry[call]("m")).rejects.toEqual(code("MODEL_NOT_FOUND"));
    await registry.setVersions("m", [fakeVersion("1")]);
    await expect(registry[call]("m", "9")).rejects.toEqual(code("MODEL_NOT_FOUND"));
    await registry.close();
    await expect(registry[call]("m", "1")).rejects.toEqual(code("CLOSED"));
  });
});

it("a version whose predictor somebody else closes is UNAVAILABLE, and another one answers", async () => {
  const registry = createRegistry();
  const sources = [fakeVersion("1"), fakeVersion("2")];
  let changes = 0;
  registry.onChange(() => changes++);
  await registry.setVersions("m", sources, { policy: "all" });
  changes = 0;
  await registry.resolve("m", {}).close();
  expect(changes).toBe(1);
  expect(await ask(registry.resolve("m", {}))).toBe(1);
  expect(registry.index()[0]).toMatchObject({ state: "UNAVAILABLE", reason: "its predictor was closed by somebody else" });
  await registry.setVersions("m", sources);
  expect(await ask(registry.resolve("m", {}))).toBe(2);
  await registry.close();
});

describe("close", () => {
  it("aborts loads, waits for those who have a version, closes what it opened, and refuses what comes after", async () => {
    const registry = createRegistry();
    const [a, b] = [fakeVersion("1"), fakeVersion("2", { slow: true })];
    await registry.setVersions("m", [a]);
    const lease = registry.lease("m", {});
    const loading = registry.setVersions("m", [a, b]);
    const queued = registry.load("m", "1");
    await settle();
    let closed = false;
    const closing = registry.close().then(() => {
      closed = true;
    });
    expect(b.signals[0]?.aborted).toBe(true);
    expect(() => registry.lease("m", {})).toThrow(code("DRAINING") as Error);
    await Promise.all([loading, expect(queued).rejects.toEqual(code("DRAINING"))]);
    expect(await ask(lease.predictor)).toBe(1);
    expect(closed).toBe(false);
    lease.release();
    await closing;
    // A load that does not heed its signal ends whenever it likes: what it gives is closed.
    b.go();
    await settle();
    expect([a, b].map(({ backend }) => backend.openSessions())).toEqual([0, 0]);
    expect(() => registry.resolve("m", {})).toThrow(code("CLOSED") as Error);
    expect(() => registry.resolve("other", {})).toThrow(code("CLOSED") as Error);
    expect(() => registry.configure("m", {})).toThrow(code("CLOSED") as Error);
    await expect(registry.setVersions("m", [a])).rejects.toEqual(code("CLOSED"));
    await registry[Symbol.asyncDispose]();
    expect(registry.list()).toEqual([]);
  });
});

it("any calls in any order end, and leave open what was asked for last and nothing else", async () => {
  const keys = ["1", "2", "3"] as const;
  const step = fc.oneof(
    fc.record({ call: fc.constant("set" as const), keys: fc.uniqueArray(fc.constantFrom(...keys), { minLength: 1 }) }),
    fc.record({ call: fc.constantFrom("load" as const, "unload" as const), key: fc.constantFrom(...keys) }),
    fc.record({ call: fc.constant("wait" as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const registry = createRegistry();
      const sources = keys.map((key) => fakeVersion(key));
      const pending: Promise<unknown>[] = [];
      for (const one of steps) {
        if (one.call === "wait") await settle();
        else if (one.call === "set") {
          const chosen = sources.filter(({ version }) => one.keys.includes(version as never));
          pending.push(registry.setVersions("m", chosen, { policy: "all" }));
        } else
          pending.push(
            registry[one.call]("m", one.key).catch((error: unknown) => {
              // What is not there yet, and a load that an unload or another list of versions ended.
              expect(error).toMatchObject({ code: expect.stringMatching(/^(MODEL_NOT_FOUND|CLOSED)$/) });
            }),
          );
      }
      await Promise.all(pending);
      await settle();
      const ready = registry.list().map(({ version }) => version);
      for (const { version, backend } of sources) expect(backend.openSessions()).toBe(ready.includes(version) ? 1 : 0);
      const last = [...steps].reverse().find((one) => one.call === "set" || one.call === "unload");
      if (last?.call === "set") for (const key of ready) expect(last.keys).toContain(key);
      if (last?.call === "unload" && steps.at(-1) === last) expect(ready).not.toContain(last.key);
      await registry.close();
      for (const { backend } of sources) expect(backend.openSessions()).toBe(0);
    }),
    { numRuns: 200 },
  );
});
