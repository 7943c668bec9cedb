import { describe, expect, it } from "vitest";
import { z } from "zod";
import { InputError } from "../errors/index.ts";
import { defineModel } from "../model/index.ts";
import { createPredictor } from "../predictor/index.ts";
import { toFetchHandler } from "../serving/index.ts";
import { tensor } from "../tensor/index.ts";
import { type FakeBackend, FakeClock, fakeBackend, settle } from "../testing/index.ts";
import type { Predictor, PredictorEvent } from "../types/index.ts";
import { pipeline } from "./pipeline.ts";

/** y = 2x; the next one's input is named as this one's output. */
function double(name: string, from: string, to: string) {
  return defineModel({
    name,
    input: z.strictObject({ [from]: z.number().max(1000) }),
    output: z.object({ [to]: z.number() }),
    encode: (item) => ({ x: tensor("float32", [item[from] as number], [1, 1]) }),
    decode: ({ y }) => ({ [to]: Number(y?.data[0]) }),
    example: { [from]: 1 },
  });
}

type Numbers = Record<string, number>;

async function two(first: FakeBackend = fakeBackend(), second: FakeBackend = fakeBackend(), clock = new FakeClock()) {
  const a: Predictor<Numbers, Numbers> = await createPredictor(double("a", "x", "y"), { backend: first, source: "m", clock });
  const b: Predictor<Numbers, Numbers> = await createPredictor(double("b", "y", "z"), { backend: second, source: "m", clock });
  return { a, b, clock };
}

const failing = (error: Error) =>
  fakeBackend({
    compute: () => {
      throw error;
    },
  });

describe("pipeline", () => {
  it("gives each stage what the one before gave, and tells of all", async () => {
    const { a, b, clock } = await two();
    const whole = pipeline([a, b], { name: "both", version: "7", clock });
    expect(await whole.predict({ x: 3 })).toEqual({ z: 12 });
    const detailed = await whole.predictDetailed({ x: 3 }, { requestId: "r" });
    expect(detailed).toMatchObject({ output: { z: 12 }, id: "r", model: { name: "both", version: "7", digest: undefined }, device: "cpu" });
    expect(detailed.stages?.map(({ stage, model }) => [stage, model.name])).toEqual([
      [0, "a"],
      [1, "b"],
    ]);
    expect(whole.info).toMatchObject({ name: "both", version: "7", backend: "pipeline", state: "ready", execution: "inline" });
    expect(whole.info.details["members"]).toMatchObject([{ name: "a" }, { name: "b" }]);
    expect(whole.stats()).toMatchObject({ requests: 2, succeeded: 2, running: 0, runs: 4, members: [{ calls: 2 }, { calls: 2 }] });
  });

  it("maps between stages, with the whole's input at hand", async () => {
    const { a, b, clock } = await two();
    const whole = pipeline(
      [({ n }: Numbers) => ({ x: Number(n) }), a, async ({ y }, { input }) => ({ y: Number(y) + Number(input["n"]) }), b],
      {
        clock,
      },
    );
    expect(await whole.predict({ n: 3 })).toEqual({ z: 18 });
    await expect(whole.run({ x: [[1]] })).rejects.toMatchObject({ code: "INPUT_UNKNOWN", message: expect.stringContaining("pipeline") });
    expect(whole.info.signature).toEqual({ inputs: [], outputs: [] });
  });

  it("takes and gives tensors at its ends", async () => {
    const { a, b, clock } = await two();
    const whole = pipeline([a, b], { clock });
    expect((await whole.predictEncoded({ x: [[5]] })).output).toEqual({ z: 20 });
    expect((await whole.run({ x: [[5]] }))["y"]?.data).toEqual(new Float32Array([20]));
    expect(whole.info.signature).toEqual({ inputs: a.info.signature.inputs, outputs: b.info.signature.outputs });
  });

  it("lets calls of one tick share runs in every stage", async () => {
    const backends = [fakeBackend(), fakeBackend()] as const;
    const clock = new FakeClock();
    const a: Predictor<Numbers, Numbers> = await createPredictor(double("a", "x", "y"), {
      backend: backends[0],
      source: "m",
      batching: true,
    });
    const b: Predictor<Numbers, Numbers> = await createPredictor(double("b", "y", "z"), {
      backend: backends[1],
      source: "m",
      batching: true,
    });
    const before = backends.map((backend) => backend.runs.length);
    const settled = await pipeline([a, b], { clock }).predictMany([{ x: 1 }, { x: 2 }, { x: 3 }]);
    expect(settled.map((item) => item.status === "fulfilled" && item.value["z"])).toEqual([4, 8, 12]);
    expect(backends.map((backend, i) => backend.runs.length - (before[i] as number))).toEqual([1, 1]);
  });

  it("names the stage of an error, and makes nobody guilty of what they did not write", async () => {
    const { a, b, clock } = await two();
    const whole = pipeline([a, b], { name: "both", clock });
    await expect(whole.predict({ x: 2000 })).rejects.toMatchObject({
      name: "InputError",
      code: "INPUT_VALUE",
      message: expect.stringContaining('pipeline "both", stage 0 ("a")'),
      details: { stage: { index: 0, name: "a" }, issues: [{ path: "x" }] },
    });
    await expect(whole.predict({ x: 600 })).rejects.toMatchObject({
      code: "DEFINITION_FAILED",
      status: 500,
      message: expect.stringContaining('stage 1 ("b")'),
      cause: { code: "INPUT_VALUE" },
    });
    const mapping = (error: Error) =>
      pipeline(
        [
          a,
          (): Numbers => {
            throw error;
          },
          b,
        ],
        { clock },
      ).predict({ x: 1 });
    await expect(mapping(new TypeError("no"))).rejects.toMatchObject({
      code: "DEFINITION_FAILED",
      message: expect.stringContaining("stage 1"),
    });
    const refusal = new InputError("INPUT_VALUE", "nothing found", { details: { raisedBy: "definition" } });
    await expect(mapping(refusal)).rejects.toMatchObject({ code: "INPUT_VALUE", status: 400 });
    const broken = (await createPredictor({ name: "c", backend: failing(new Error("boom")), source: "m" })) as unknown as Predictor<
      Numbers,
      Numbers
    >;
    await expect(pipeline([a, ({ y }) => ({ x: [[y]] }) as never, broken]).predict({ x: 1 })).rejects.toMatchObject({
      name: "BackendError",
      code: "BACKEND_RUN",
      details: { stage: { index: 2, name: "c" } },
    });
  });

  it("its time limit is the whole's", async () => {
    const [first, second] = [fakeBackend(), fakeBackend()];
    const { a, b, clock } = await two(first, second);
    const whole = pipeline([a, b], { clock, timeoutMs: 100 });
    first.hold(true);
    second.hold(true);
    const late = whole.predict({ x: 1 });
    const outcome = expect(late).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED", details: { timeoutMs: 100 } });
    await clock.advance(60);
    first.release();
    await clock.advance(30);
    expect(second.runs).toHaveLength(2);
    expect(b.stats().running).toBe(1);
    await clock.advance(10);
    await outcome;
    expect(b.stats()).toMatchObject({ aborted: 1, succeeded: 0 });
    second.release();
    expect(whole.stats()).toMatchObject({ expired: 1, running: 0 });
  });

  it("an abort reaches the stage that runs, and no further one starts", async () => {
    const [first, second] = [fakeBackend(), fakeBackend()];
    const { a, b, clock } = await two(first, second);
    const whole = pipeline([a, b], { clock });
    first.hold(true);
    const controller = new AbortController();
    const call = whole.predict({ x: 1 }, { signal: controller.signal });
    const reason = new Error("enough");
    await settle();
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(a.stats()).toMatchObject({ aborted: 1 });
    first.release();
    await settle();
    expect(second.runs).toHaveLength(1);
    await expect(whole.predict({ x: 1 }, { signal: controller.signal })).rejects.toBe(reason);
  });

  it("tells of each call once it has settled", async () => {
    const { a, b, clock } = await two();
    const events: PredictorEvent[] = [];
    const whole = pipeline([a, b], { clock, onEvent: (event) => events.push(event) });
    await whole.predict({ x: 1 }, { requestId: "r1" });
    await whole.predict({ x: 2000 }).catch(() => {});
    await whole.close();
    expect(events).toMatchObject([
      { type: "job-settled", id: "r1", outcome: "succeeded", batchSize: 1 },
      { type: "job-settled", outcome: "failed", code: "INPUT_VALUE" },
      { type: "predictor-closed" },
    ]);
  });

  it("closes its members only where it was told to, after its work", async () => {
    const first = fakeBackend();
    const { a, b } = await two(first);
    const open = pipeline([a, b]);
    await open.close();
    expect([open.info.state, a.info.state]).toEqual(["closed", "ready"]);
    await expect(open.predict({ x: 1 })).rejects.toMatchObject({ code: "CLOSED" });
    const owner = pipeline([a, b, a as never], { closeMembers: true });
    first.hold(true);
    const running = owner.predict({ x: 1 });
    const outcome = expect(running).rejects.toMatchObject({ code: "DEFINITION_FAILED" });
    await settle();
    const closing = owner.close();
    expect(owner.info.state).toBe("draining");
    first.hold(false);
    first.release();
    await outcome;
    await Promise.all([closing, owner.close()]);
    expect([owner.info.state, a.info.state, b.info.state]).toEqual(["closed", "closed", "closed"]);
    expect(pipeline([a, b]).info.state).toBe("closed");
  });

  it("mounts: typed routes, documents, raw tensors", async () => {
    const { a, b } = await two();
    const handler = toFetchHandler({ models: [pipeline([a, b], { name: "both" })] as never, serverTiming: true });
    const post = (path: string, body: BodyInit, headers: Record<string, string> = {}) =>
      handler(new Request(`http://h${path}`, { method: "POST", body, headers: { "content-type": "application/json", ...headers } }));
    expect(await (await post("/predict", '{"x":3}')).json()).toEqual({ z: 12 });
    expect(await (await post("/predict/both/batch", '[{"x":3},{"x":"no"}]')).json()).toMatchObject([
      { output: { z: 12 } },
      { code: "INPUT_DTYPE" },
    ]);
    const binary = await post("/predict", new Float32Array([3]).buffer, {
      "content-type": "application/octet-stream",
      accept: "application/octet-stream",
    });
    expect(new Float32Array(await binary.arrayBuffer())).toEqual(new Float32Array([12]));
    const fromJson = await post("/predict", '{"x":3}', { accept: "application/octet-stream" });
    expect(new Float32Array(await fromJson.arrayBuffer())).toEqual(new Float32Array([12]));
    const described = await (await handler(new Request("http://h/models/both"))).json();
    expect(described).toMatchObject({
      typed: true,
      example: { x: 1 },
      input: { properties: { x: { maximum: 1000 } } },
      output: { properties: { z: {} } },
    });
    expect((await handler(new Request("http://h/docs"))).status).toBe(200);
    const openApi = await (await handler(new Request("http://h/openapi.json"))).json();
    expect(Object.keys(openApi.paths)).toContain("/predict/both");
    expect((await handler(new Request("http://h/health/ready"))).status).toBe(200);
    await b.close();
    expect((await handler(new Request("http://h/health/ready"))).status).toBe(503);
  });

  it("says what its ends are where functions stand there", async () => {
    const { a, clock } = await two();
    const ends = { input: z.string().max(5), output: z.boolean(), example: "12", clock };
    const whole = pipeline([(text: string) => ({ x: text.length }), a, ({ y }) => Number(y) > 4], ends);
    expect(await whole.predict("abc")).toBe(true);
    await expect(whole.predict("abcdef")).rejects.toMatchObject({ code: "INPUT_VALUE" });
    expect(whole.definition).toMatchObject({ name: "pipeline", example: "12" });
    const wrong = pipeline([a, (): boolean => "no" as never], { output: z.boolean(), clock });
    await expect(wrong.predict({ x: 1 })).rejects.toMatchObject({ code: "OUTPUT_INVALID" });
    const raw = await createPredictor({ backend: fakeBackend(), source: "m" });
    expect(pipeline([raw]).definition).toBeUndefined();
  });

  it("refuses wrong options and stages", async () => {
    const { a } = await two();
    const wrong = (stages: unknown, options?: unknown) => () => pipeline(stages as [typeof a], options as undefined);
    const config = (path: string) => expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path }) });
    expect(wrong([])).toThrow(config("stages"));
    expect(wrong([(x: unknown) => x])).toThrow(config("stages"));
    expect(wrong([a, Promise.resolve(a)])).toThrow(config("stages[1]"));
    expect(wrong([a], { name: "a/b" })).toThrow(config("name"));
    expect(wrong([a], { itemsAtOnce: 0 })).toThrow(config("itemsAtOnce"));
    expect(wrong([a], { timeoutMs: -1 })).toThrow(config("timeoutMs"));
    expect(wrong([a], { input: {} })).toThrow(config("input"));
    await expect(pipeline([a]).predict({ x: 1 }, { version: "2" })).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
    await expect(pipeline([a]).predict({ x: 1 }, { version: "1", label: "stable" })).resolves.toEqual({ y: 2 });
  });
});
