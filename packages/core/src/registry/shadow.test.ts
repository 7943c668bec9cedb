import { describe, expect, it } from "vitest";
import { ask, fakeVersion, times } from "../../test/fake-versions.ts";
import { FakeClock, settle } from "../testing/index.ts";
import type { RawInputs, Tensors } from "../types/index.ts";
import { createRegistry } from "./create-registry.ts";
import type { RegistryEvent } from "./events.ts";
import type { Shadow } from "./types.ts";

/** Version 1 answers and version 2 is asked along; both wait where they are held. */
async function trial(shadow: Partial<Shadow> = {}, options: { compute?: (feeds: Tensors) => Tensors; random?: () => number } = {}) {
  const clock = new FakeClock();
  const events: RegistryEvent[] = [];
  const registry = createRegistry({ clock, random: options.random ?? (() => 0), onEvent: (event) => events.push(event) });
  const champion = fakeVersion("1", { clock });
  const other = fakeVersion("2", { clock, factor: 1.5, ...(options.compute && { compute: options.compute }) });
  await registry.setVersions("m", [champion, other], { policy: "all", labels: { stable: "1" }, shadow: { version: "2", ...shadow } });
  const call = async (x = 1, selector = {}): Promise<number> => {
    const lease = registry.lease("m", selector);
    try {
      return await ask(lease.predictor, x);
    } finally {
      lease.release();
    }
  };
  const report = () => registry.traffic("m")?.shadow;
  return { registry, clock, events, champion, other, call, report };
}

/** The runs of a version since it was opened and warmed up. */
const runs = (version: { readonly backend: { readonly runs: readonly unknown[] } }): number => version.backend.runs.length - 1;

describe("a shadow", () => {
  it("sees what others were asked, gives nobody an answer, and is compared", async () => {
    const { registry, clock, events, call, report } = await trial();
    expect(await call(2)).toBe(2);
    expect(report()).toMatchObject({
      version: "2",
      compared: 0,
      agreement: undefined,
      meanAbsoluteDifference: undefined,
      latencyRatio: undefined,
    });
    await clock.advance(0);
    expect(events.at(-1)).toEqual({
      type: "shadow-compared",
      name: "m",
      champion: "1",
      shadow: "2",
      agrees: false,
      meanAbsoluteDifference: 1,
      championMs: 0,
      shadowMs: 0,
    });
    expect(report()).toMatchObject({ compared: 1, failed: 0, dropped: 0, agreement: 0 });
    await registry.close();
  });

  it("does not see those who asked for a version or a label, nor itself", async () => {
    const { registry, clock, call, report } = await trial();
    await call(1, { version: "1" });
    await call(1, { label: "stable" });
    registry.configure("m", { labels: { stable: "2" } });
    await call();
    await clock.advance(0);
    expect(report()).toMatchObject({ compared: 0, dropped: 0 });
    await registry.close();
  });

  it("sees every way to ask, with what it was asked then, though the caller has changed or handed over its buffers", async () => {
    const seen: number[] = [];
    const compute = (feeds: Tensors): Tensors => {
      seen.push(Number((feeds["x"] as { data: Float32Array }).data[0]));
      return times(feeds, 1.5);
    };
    const { registry, clock, report } = await trial({}, { compute });
    seen.length = 0;
    const { predictor, release } = registry.lease("m", {});
    const x = new Float32Array([1]);
    const input: RawInputs = { x: { type: "float32", data: x, dims: [1, 1] } };
    await predictor.predict(input);
    x[0] = 2;
    await predictor.predictDetailed(input);
    x[0] = 3;
    await predictor.predictEncoded(input, { transfer: true });
    x[0] = 4;
    await predictor.run(input);
    x[0] = 5;
    await predictor.predictMany([input, { x: [[6]] }, { z: [] }]);
    x[0] = 99;
    release();
    await clock.advance(0);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
    expect(report()).toMatchObject({ compared: 6, failed: 0, dropped: 0, latencyRatio: undefined });
    await registry.close();
  });

  it("starts only while nobody waits for an answer, one request at a time", async () => {
    const { registry, clock, champion, other, call } = await trial();
    await call();
    champion.backend.hold(true);
    const waiting = call();
    await clock.advance(10);
    expect(runs(other)).toBe(0);
    other.backend.hold(true);
    champion.backend.release();
    await waiting;
    await clock.advance(10);
    expect(runs(other)).toBe(1);
    champion.backend.hold(false);
    // The shadow hangs: nobody else notices.
    expect(await call(5)).toBe(5);
    await clock.advance(10);
    expect(runs(other)).toBe(1);
    other.backend.hold(false);
    other.backend.release();
    await clock.advance(10);
    expect(runs(other)).toBe(3);
    await registry.close();
  });

  it("starts beside as many of the model's calls as it may", async () => {
    const { registry, clock, champion, other, call } = await trial({ maxInFlight: 1 });
    await call();
    champion.backend.hold(true);
    const waiting = call();
    await clock.advance(10);
    expect(runs(other)).toBe(1);
    champion.backend.hold(false);
    champion.backend.release();
    await waiting;
    await registry.close();
  });

  it.each([
    ["requests", { queueLimit: 3 }],
    // Two bytes would do for half a number.
    ["bytes", { queueBytes: 3 * 8 }],
  ])("drops what it has no room for, counted in %s", async (_what, shadow) => {
    const { registry, clock, other, call, report } = await trial(shadow);
    other.backend.hold(true);
    for (let i = 0; i < 10; i++) await call();
    await clock.advance(0);
    for (let i = 0; i < 5; i++) expect(await call()).toBe(1);
    expect(report()?.dropped).toBe(12);
    other.backend.hold(false);
    other.backend.release();
    await clock.advance(0);
    expect(report()).toMatchObject({ compared: 3, dropped: 12 });
    await call();
    await clock.advance(0);
    expect(report()).toMatchObject({ compared: 4, dropped: 12 });
    await registry.close();
  });

  it("sees the share of requests that it was given", async () => {
    let next = 0;
    const { registry, clock, call, report } = await trial({ sample: 0.25 }, { random: () => (next++ % 8) / 8 });
    for (let i = 0; i < 16; i++) await call();
    await clock.advance(0);
    expect(report()).toMatchObject({ compared: 4, dropped: 0 });
    await registry.close();
  });

  it("reports agreement by the application's own judgement, and its time beside the champion's", async () => {
    const { registry, clock, champion, other, call, report } = await trial({
      agrees: (a: Tensors<"y">, b: Tensors<"y">) => Math.round(Number(a.y.data[0])) === Math.round(Number(b.y.data[0])),
    });
    for (const [x, championMs, shadowMs] of [
      [0.9, 10, 20],
      [2, 10, 20],
      [0.8, 10, 40],
    ] as const) {
      champion.backend.hold(true);
      other.backend.hold(true);
      const answer = call(x);
      await clock.advance(championMs);
      champion.backend.release();
      await answer;
      await clock.advance(shadowMs);
      other.backend.release();
      await settle();
    }
    expect(report()).toMatchObject({ compared: 3, agreement: expect.closeTo(2 / 3, 9), latencyRatio: 2 });
    expect(report()?.meanAbsoluteDifference).toBeCloseTo((0.45 + 1 + 0.4) / 3, 6);
    await registry.close();
  });

  it("that fails is counted, and that is not there drops", async () => {
    let broken = false;
    const compute = (feeds: Tensors): Tensors => {
      if (broken) throw new Error("broken");
      return times(feeds, 2);
    };
    const { registry, clock, call, report } = await trial({}, { compute });
    broken = true;
    expect(await call()).toBe(1);
    await clock.advance(0);
    expect(report()).toMatchObject({ compared: 0, failed: 1, dropped: 0 });
    await call();
    await registry.unload("m", "2");
    await call();
    await clock.advance(0);
    expect(report()).toMatchObject({ version: undefined, failed: 1, dropped: 2 });
    registry.configure("m", { shadow: null });
    expect(registry.traffic("m")).toBeUndefined();
    await registry.close();
    expect(clock.pending).toBe(0);
  });

  it("does without inputs that cannot be copied, and the caller hears what the model says of them", async () => {
    const { registry, clock, report } = await trial();
    const circle: unknown[] = [];
    circle.push(circle);
    const { predictor } = registry.lease("m", {});
    await expect(predictor.predict({ x: circle })).rejects.toMatchObject({ code: "INPUT_SHAPE" });
    await clock.advance(0);
    expect(report()).toMatchObject({ compared: 0, failed: 0 });
  });

  it("is not counted among the calls of the version, nor does it hold up its close for longer than its run", async () => {
    const { registry, clock, other, call } = await trial();
    other.backend.hold(true);
    await call();
    await call();
    await clock.advance(0);
    expect(registry.traffic("m")?.versions).toMatchObject([{ requests: 2 }, { version: "2", requests: 0 }]);
    const closing = registry.close();
    await settle();
    other.backend.hold(false);
    other.backend.release();
    await closing;
    expect(other.backend.openSessions()).toBe(0);
    expect(runs(other)).toBe(1);
  });
});
