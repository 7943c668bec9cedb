import { BackendError, createPredictor, type LoadProgress } from "@predikt/core";
import { fakeBackend, settle } from "@predikt/core/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { double, fakeRuntime, gate, type Runtime, rejection } from "../../test/kit.tsx";
import { createModelPool, type ModelHandle, type ModelPool, preloadModel } from "./model-pool.ts";
import type { ModelSpec } from "./model-spec.ts";

const models = { double: { definition: double, source: "m.onnx" } };
let runtime: Runtime;
let pool: ModelPool;

const handle = (ref: Parameters<ModelPool["resolve"]>[0] = "double"): ModelHandle => pool.handle(pool.resolve(ref));
const statusAfter = async (model: ModelHandle): Promise<string> => {
  await settle();
  return model.getState().status;
};

beforeEach(() => {
  runtime = fakeRuntime();
  pool = createModelPool({ create: runtime.create, models, clock: runtime.clock, gcTimeMs: 1000 });
});

describe("a pool", () => {
  it("loads a model once, by name, by definition and by a spec made anew", async () => {
    const [one, two, three] = await Promise.all([
      handle("double").load(),
      handle(double as never).load(),
      handle({ definition: double, source: "m.onnx" } as never).load(),
    ]);
    expect(one).toBe(two);
    expect(one).toBe(three);
    expect(runtime.loads).toHaveLength(1);
    expect(await preloadModel(pool, double)).toBe(one);
    expect(await rejection(handle("none").load())).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining('"none"') });
  });

  it("closes a model once, when it has had no users for gcTimeMs, and loads it anew for the next", async () => {
    const model = handle();
    const leave = [model.hold(), model.subscribe(() => undefined)];
    await model.load();
    leave[0]?.();
    await runtime.clock.advance(5000);
    leave[1]?.();
    await runtime.clock.advance(999);
    const again = model.hold();
    await runtime.clock.advance(5000);
    expect(runtime.backend.openSessions()).toBe(1);
    again();
    await runtime.clock.advance(1000);
    expect(runtime.backend.openSessions()).toBe(0);
    expect(model.getState()).toMatchObject({ status: "idle", predictor: undefined });
    expect(runtime.clock.pending).toBe(0);
    await model.load();
    expect(runtime.loads).toHaveLength(2);
    expect(runtime.backend.openSessions()).toBe(1);
  });

  it("aborts a load that nobody has wanted for that long, and closes what comes of it all the same", async () => {
    const { promise, open } = gate();
    runtime.gate = promise;
    const leave = handle().hold();
    const loading = handle().load();
    leave();
    await runtime.clock.advance(1000);
    expect(runtime.loads[0]?.aborted).toBe(true);
    expect(await rejection(loading)).toMatchObject({ name: "AbortError" });
    open();
    await settle();
    await settle();
    expect(runtime.backend.openSessions()).toBe(0);
  });

  it("keeps a model for good where gcTimeMs is Infinity, until it is closed", async () => {
    pool = createModelPool({ create: runtime.create, models, clock: runtime.clock, gcTimeMs: Number.POSITIVE_INFINITY });
    await preloadModel(pool, "double");
    await runtime.clock.advance(1e12);
    expect(runtime.backend.openSessions()).toBe(1);
    await pool.close();
    expect(runtime.backend.openSessions()).toBe(0);
  });

  it("shows a failed load, and tries anew when asked", async () => {
    runtime.failures = 1;
    const model = handle();
    expect(await rejection(model.load())).toMatchObject({ message: "no network" });
    expect(model.getState()).toMatchObject({ status: "error", error: { message: "no network" } });
    await model.load();
    expect(model.getState()).toMatchObject({ status: "ready", error: undefined, device: "cpu" });
  });

  it("unloads on demand: a load is aborted, work under way is finished", async () => {
    const { promise, open } = gate();
    runtime.gate = promise;
    const model = handle();
    const loading = model.load();
    await settle();
    void model.actions.unload();
    expect(await rejection(loading)).toMatchObject({ name: "AbortError" });
    open();
    runtime.backend.hold(true);
    const predictor = await model.load();
    const answer = predictor.predict({ x: 2 } as never);
    const unloading = model.actions.unload();
    expect(model.getState().status).toBe("idle");
    runtime.backend.release();
    expect(await answer).toEqual({ y: 4 });
    await unloading;
    expect(runtime.backend.openSessions()).toBe(0);
  });

  it("tells how far a load is, in phases of today and tomorrow", async () => {
    const { promise, open } = gate();
    const seen: string[] = [];
    const model = handle();
    model.subscribe(() => seen.push(model.getState().status));
    runtime.gate = promise;
    runtime.phases.push(...(["runtime", "download", "open", "warmup"] as LoadProgress["phase"][]));
    void model.load();
    await settle();
    expect(model.getState().progress).toMatchObject({ ratio: 0.5 });
    open();
    expect(await statusAfter(model)).toBe("ready");
    expect(seen).toEqual(["downloading", "downloading", "downloading", "opening", "warming", "ready"]);
  });
});

describe("a spec", () => {
  const choiceOf = async (spec: ModelSpec): Promise<unknown> => {
    await handle(spec as never).load();
    return handle(spec as never).getState().choice;
  };
  const fetch = (): Promise<Response> => Promise.resolve(Response.json({ y: 10 }, { headers: { "content-type": "application/json" } }));

  it("with a URL is a server's model", async () => {
    const spec = { definition: double, url: "https://app.example.com/api", fetch };
    expect(await choiceOf(spec)).toEqual({ runsOn: "server", device: "remote", because: [] });
    expect(await (await handle(spec as never).load()).predict({ x: 5 } as never)).toEqual({ y: 10 });
    expect(runtime.loads).toHaveLength(0);
  });

  it("with several candidates takes the first that can be had, and says why not the others", async () => {
    pool = createModelPool({
      clock: runtime.clock,
      create: () => Promise.reject(new BackendError("BACKEND_UNAVAILABLE", "no adapter")),
    });
    const spec = {
      definition: double,
      prefer: [
        { source: "m.onnx", device: "webgpu" },
        { url: "https://app.example.com/api", fetch },
      ],
    };
    expect(await choiceOf(spec)).toEqual({ runsOn: "server", device: "remote", because: ["webgpu: no adapter"] });
  });

  it("says which devices were skipped", async () => {
    const backend = fakeBackend({ skipped: [{ device: "webgpu", reason: "no adapter" }] });
    pool = createModelPool({ create: (definition, { source }) => createPredictor(definition, { source, backend }), clock: runtime.clock });
    expect(await choiceOf({ definition: double, source: "m.onnx" })).toEqual({
      ...{ runsOn: "device", device: "cpu" },
      because: ["webgpu: no adapter"],
    });
  });

  it("without a definition gives tensors for tensors", async () => {
    const { backend } = runtime;
    const create = (options: { source: string }): unknown => createPredictor({ ...options, backend });
    pool = createModelPool({ create: create as never, clock: runtime.clock });
    const predictor = await handle({ source: "m.onnx" } as never).load();
    expect(await predictor.predict({ x: [[4]] })).toMatchObject({ y: { data: new Float32Array([8]) } });
  });

  it("that says nothing of where the model is, is refused", async () => {
    expect(await rejection(handle({ definition: double } as never).load())).toMatchObject({ code: "CONFIG_INVALID" });
  });
});
