import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { defineModel, numbers } from "../model/index.ts";
import { createPredictor } from "../predictor/index.ts";
import { toFetchHandler } from "../serving/index.ts";
import { tensor } from "../tensor/index.ts";
import { type FakeBackend, FakeClock, fakeBackend, settle } from "../testing/index.ts";
import type { Predictor, PredictorEvent } from "../types/index.ts";
import { portableHash } from "./cache-key.ts";
import { type CachedPredictor, type CacheOptions, cached } from "./cached.ts";
import { pipeline } from "./pipeline.ts";

const double = defineModel({
  name: "double",
  input: z.object({ x: z.number(), tag: z.unknown().optional() }),
  output: z.object({ y: numbers({ length: 1 }), tag: z.unknown() }),
  encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
  decode: ({ y }) => ({ y: y?.data as Float32Array, tag: [1] }),
  example: { x: 1 },
});

type Double = Predictor<{ x: number; tag?: unknown }, { y: Float32Array; tag: unknown }>;

async function site(options: CacheOptions = {}, backend: FakeBackend = fakeBackend()) {
  const clock = new FakeClock();
  const inner: Double = await createPredictor(double, { backend, source: "m", warmup: false, clock });
  const events: PredictorEvent[] = [];
  const predictor = cached(inner, { clock, onEvent: (event) => events.push(event), ...options });
  const asked = (): unknown[] => events.flatMap((event) => (event.type === "cache-asked" ? [event.outcome] : []));
  return { clock, inner, backend, events, predictor, asked };
}

describe("cached", () => {
  it("runs once for one input, and tells of hits and misses", async () => {
    const { predictor, backend, events, inner } = await site();
    expectTypeOf(predictor).toEqualTypeOf<CachedPredictor<{ x: number; tag?: unknown }, { y: Float32Array; tag: unknown }>>();
    const first = await predictor.predictDetailed({ x: 2 }, { requestId: "a" });
    const second = await predictor.predictDetailed({ x: 2 }, { requestId: "b" });
    expect(await predictor.predict({ x: 2 })).toEqual({ y: new Float32Array([4]), tag: [1] });
    expect(backend.runs).toHaveLength(1);
    expect(first).toMatchObject({ id: "a", batchSize: 1 });
    expect(first.fromCache).toBeUndefined();
    expect(second).toMatchObject({ id: "b", fromCache: true, batchSize: 0, model: first.model, device: "cpu", output: first.output });
    expect(Object.values(second.timings)).toEqual([0, 0, 0, 0, 0]);
    expect(predictor.stats()).toMatchObject({ requests: 3, succeeded: 3, runs: 1, cache: { hits: 2, misses: 1, shared: 0, entries: 1 } });
    expect(events[0]).toEqual({ type: "cache-asked", id: "a", outcome: "miss" });
    expect(events.at(-1)).toMatchObject({ type: "job-settled", outcome: "succeeded", batchSize: 0 });
    expect(predictor.info).toMatchObject({ ...inner.info, details: { cache: { maxBytes: 2 ** 26, maxAgeMs: 600_000 } } });
    expect(predictor.definition).toBe(inner.definition);
  });

  it("keeps kinds of answers, inputs and selectors apart", async () => {
    const { predictor, backend } = await site();
    await predictor.predict({ x: 0 });
    await predictor.predict({ x: -0 });
    await predictor.predict({ x: 0, tag: "1" });
    await predictor.predict({ x: 0, tag: 1 });
    await predictor.predict({ x: 0 }, { routingKey: "u" });
    await predictor.predict({ x: 0 }, { label: "stable" });
    await predictor.predictEncoded({ x: [[0]] });
    await predictor.run({ x: [[0]] });
    await predictor.run({ x: new Float32Array([0]) });
    expect(backend.runs).toHaveLength(9);
    expect((await predictor.run({ x: [[0]] }))["y"]?.data).toEqual(new Float32Array([0]));
    expect((await predictor.predictEncoded({ x: [[0]] })).fromCache).toBe(true);
    expect(backend.runs).toHaveLength(9);
  });

  it("gives everybody an answer of their own", async () => {
    const { predictor } = await site();
    const [first, shared] = await Promise.all([predictor.predict({ x: 2 }), predictor.predict({ x: 2 })]);
    first.y[0] = 99;
    (first.tag as number[]).push(2);
    shared.y[0] = 98;
    const hit = await predictor.predict({ x: 2 });
    hit.y[0] = 97;
    expect(await predictor.predict({ x: 2 })).toEqual({ y: new Float32Array([4]), tag: [1] });
  });

  it("shares one run among calls of one key; an abort or a time limit of one is its own", async () => {
    const { predictor, backend, clock, asked } = await site();
    backend.hold(true);
    await clock.advance(1);
    const controller = new AbortController();
    const gone = expect(predictor.predict({ x: 1 }, { signal: controller.signal })).rejects.toBe("gone");
    const late = expect(predictor.predict({ x: 1 }, { timeoutMs: 5 })).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
      details: { timeoutMs: 5 },
    });
    const stays = predictor.predictDetailed({ x: 1 });
    await settle();
    controller.abort("gone");
    await clock.advance(5);
    await Promise.all([gone, late]);
    backend.release();
    expect(await stays).toMatchObject({ output: { y: new Float32Array([2]) }, batchSize: 1, timings: { queueMs: 5, totalMs: 5 } });
    expect(backend.runs).toHaveLength(1);
    expect(asked()).toEqual(["miss", "shared", "shared"]);
    expect(predictor.stats()).toMatchObject({ aborted: 1, expired: 1, succeeded: 1, cache: { shared: 2, entries: 1 } });
  });

  it("stops a run that nobody waits for, and the next call starts another", async () => {
    const { predictor, inner, backend } = await site();
    backend.hold(true);
    const controller = new AbortController();
    const { signal } = controller;
    const gone = [predictor.predict({ x: 1 }, { signal }), predictor.predict({ x: 1 }, { signal })];
    const outcomes = Promise.allSettled(gone);
    await settle();
    controller.abort("gone");
    expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(inner.stats()).toMatchObject({ requests: 1, aborted: 1 });
    const next = predictor.predict({ x: 1 });
    await settle();
    backend.hold(false);
    backend.release();
    expect((await next).y).toEqual(new Float32Array([2]));
    expect(inner.stats()).toMatchObject({ requests: 2 });
  });

  it("gives errors to all who wait, and keeps none", async () => {
    let broken = true;
    const compute = (): never => {
      throw new Error("boom");
    };
    const backend = fakeBackend({ compute: () => (broken ? compute() : { y: tensor("float32", [5], [1, 1]) }) });
    const { predictor } = await site({}, backend);
    const settled = await predictor.predictMany([{ x: 1 }, { x: 1 }]);
    expect(settled).toMatchObject([{ reason: { code: "BACKEND_RUN" } }, { reason: { code: "BACKEND_RUN" } }]);
    await expect(predictor.predict({ x: "1" } as never)).rejects.toMatchObject({ code: "INPUT_DTYPE" });
    broken = false;
    expect((await predictor.predict({ x: 1 })).y).toEqual(new Float32Array([5]));
    expect(predictor.stats().cache).toMatchObject({ misses: 3, shared: 1, entries: 1 });
  });

  it("is bounded by age and by bytes", async () => {
    const { predictor, clock, backend } = await site({ maxAgeMs: 100, maxBytes: 1000 });
    await predictor.predict({ x: 1 });
    await clock.advance(100);
    await predictor.predict({ x: 1 });
    expect(backend.runs).toHaveLength(1);
    await clock.advance(1);
    await predictor.predict({ x: 1 });
    expect(backend.runs).toHaveLength(2);
    for (let x = 2; x < 20; x++) await predictor.predict({ x });
    const { entries = 0, bytes = 0 } = predictor.stats().cache ?? {};
    expect(bytes).toBeLessThanOrEqual(1000);
    expect(entries).toBeGreaterThan(1);
    expect(entries).toBeLessThan(8);
    const before = backend.runs.length;
    await predictor.predict({ x: 19 });
    await predictor.predict({ x: 1 });
    expect(backend.runs).toHaveLength(before + 1);
    await clock.advance(101);
    expect(predictor.stats().cache).toMatchObject({ entries: 0, bytes: 0 });
    const tiny = await site({ maxBytes: 1 });
    await tiny.predictor.predict({ x: 1 });
    expect(tiny.predictor.stats().cache).toMatchObject({ misses: 1, entries: 0 });
  });

  it("goes past what it cannot compare or copy, each call by itself", async () => {
    const { predictor, backend, asked } = await site();
    const tag = new Map();
    await Promise.all([predictor.predict({ x: 1, tag }), predictor.predict({ x: 1, tag })]);
    expect(asked()).toEqual(["bypassed", "bypassed"]);
    expect(backend.runs).toHaveLength(2);
    const odd = defineModel({
      name: "odd",
      input: z.object({ x: z.number() }),
      output: z.custom<Map<string, number>>(),
      encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
      decode: () => new Map([["a", 1]]),
      example: { x: 1 },
    });
    const inner = await createPredictor(odd, { backend: fakeBackend(), source: "m" });
    const maps = cached(inner);
    const [a, b] = await Promise.all([maps.predict({ x: 1 }), maps.predict({ x: 1 })]);
    expect(a).toEqual(b);
    expect(a).not.toBe(b);
    expect(maps.stats().cache).toMatchObject({ entries: 0, shared: 1 });
  });

  it("forgets when it is told to, what is on its way too, and when it is closed", async () => {
    const { predictor, inner, backend } = await site();
    await predictor.predict({ x: 1 });
    backend.hold(true);
    const flying = predictor.predict({ x: 2 });
    await settle();
    predictor.clear();
    backend.hold(false);
    backend.release();
    await flying;
    expect(predictor.stats().cache).toMatchObject({ entries: 0 });
    await predictor.predict({ x: 2 });
    await predictor.close();
    expect(predictor.stats().cache).toMatchObject({ entries: 0 });
    expect([predictor.info.state, inner.info.state]).toEqual(["closed", "ready"]);
    await expect(predictor.predict({ x: 2 })).rejects.toMatchObject({ code: "CLOSED" });
    const owner = cached(inner, { closeMembers: true });
    await owner.close();
    expect(inner.info.state).toBe("closed");
  });

  it("passes the predictor's own events on, and its own for jobs", async () => {
    const { predictor } = await site();
    const heard: string[] = [];
    const stop = predictor.on("*", ({ type }) => heard.push(type));
    predictor.on("batch-run", ({ type, rows }) => heard.push(`${type} ${rows}`));
    await predictor.predict({ x: 1 });
    await predictor.predict({ x: 1 });
    stop();
    await predictor.predict({ x: 3 });
    expect(heard).toEqual(["cache-asked", "batch-run", "batch-run 1", "job-settled", "cache-asked", "job-settled", "batch-run 1"]);
  });

  it("tells compositions apart by their members, and digests as it is told to", async () => {
    const backends = [fakeBackend(), fakeBackend()] as const;
    const members: Double[] = await Promise.all(
      backends.map((backend, i) => createPredictor(double, { backend, source: "m", version: `${i}`, warmup: false })),
    );
    const wholes = members.map((member) => pipeline([member]));
    let current = 0;
    const swapping = {
      get info() {
        return wholes[current]?.info;
      },
      predictDetailed: (input: { x: number }) => wholes[current]?.predictDetailed(input),
    } as unknown as Double;
    let hashes = 0;
    const hashing = () => {
      hashes++;
      return portableHash();
    };
    const predictor = cached(swapping, { createHash: hashing });
    await predictor.predict({ x: 1 });
    await predictor.predict({ x: 1 });
    current = 1;
    await predictor.predict({ x: 1 });
    expect(backends.map((backend) => backend.runs.length)).toEqual([1, 1]);
    expect(hashes).toBe(3);
  });

  it("tells models of one file apart whose weights lie beside it and are others", async () => {
    const { inner, backend } = await site();
    let externalDigest = "a";
    const swapped = {
      get info() {
        return { ...inner.info, details: { externalDigest } };
      },
      predictDetailed: (input: { x: number }) => inner.predictDetailed(input),
    } as unknown as Double;
    const [alone, member] = [cached(swapped), cached(pipeline([swapped]))];
    const runs: number[] = [];
    for (externalDigest of ["a", "a", "b"]) {
      await alone.predict({ x: 1 });
      await member.predict({ x: 1 });
      runs.push(backend.runs.length);
    }
    expect(runs).toEqual([2, 2, 4]);
  });

  it("mounts, and a hit can be seen", async () => {
    const { predictor } = await site();
    const handler = toFetchHandler({ models: [predictor] as never, serverTiming: true });
    const ask = () =>
      handler(new Request("http://h/predict", { method: "POST", body: '{"x":1}', headers: { "content-type": "application/json" } }));
    const [first, second] = [await ask(), await ask()];
    expect(first.headers.get("server-timing")).not.toContain("cache");
    expect(second.headers.get("server-timing")).toMatch(/^queue;dur=0\.000, .*total;dur=.*, cache;desc=hit$/);
    expect(await second.json()).toEqual(await first.json());
    const batch = await handler(
      new Request("http://h/predict/double/batch", {
        method: "POST",
        body: '[{"x":1},{"x":2}]',
        headers: { "content-type": "application/json" },
      }),
    );
    expect(await batch.json()).toMatchObject([{ output: { y: [2] } }, { output: { y: [4] } }]);
    const whole = pipeline([predictor, ({ y }) => y[0]], { name: "p" });
    const staged = toFetchHandler({ models: [whole] as never, serverTiming: true });
    const reply = await staged(
      new Request("http://h/predict", { method: "POST", body: '{"x":1}', headers: { "content-type": "application/json" } }),
    );
    expect(reply.headers.get("server-timing")).toMatch(/stage-0;desc="double";dur=/);
  });

  it("refuses wrong options", async () => {
    const { inner } = await site();
    const config = (path: string) => expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path }) });
    expect(() => cached({} as Double)).toThrow(config("predictor"));
    for (const [path, value] of Object.entries({ maxBytes: 0, maxAgeMs: 1.5, createHash: "sha256", closeMembers: 1 }))
      expect(() => cached(inner, { [path]: value } as CacheOptions)).toThrow(config(path));
  });
});
