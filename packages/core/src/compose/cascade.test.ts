import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineModel } from "../model/index.ts";
import { createPredictor } from "../predictor/index.ts";
import { toFetchHandler } from "../serving/index.ts";
import { tensor } from "../tensor/index.ts";
import { type FakeBackend, FakeClock, fakeBackend } from "../testing/index.ts";
import type { Predictor, PredictorEvent } from "../types/index.ts";
import { cascade } from "./cascade.ts";

const guess = defineModel({
  name: "guess",
  input: z.object({ x: z.number() }),
  output: z.object({ by: z.number(), confidence: z.number().or(z.nan()).optional() }),
  encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
  decode: ({ y }) => ({ by: Number(y?.data[1]), ...(y?.data[0] === -1 ? {} : { confidence: Number(y?.data[0]) }) }),
  example: { x: 1 },
});

type Guess = Predictor<{ x: number }, { by: number; confidence?: number | undefined }>;

/** Its confidence is its input times a factor. */
function model(by: number, factor = 1): FakeBackend {
  return fakeBackend({
    compute: ({ x }) => ({ y: { type: "float32", data: new Float32Array([Number(x?.data[0]) * factor, by]), dims: [1, 2] } }),
  });
}

const broken = fakeBackend({
  compute: () => {
    throw new Error("boom");
  },
});

const open = (name: string, backend: FakeBackend, clock = new FakeClock()): Promise<Guess> =>
  createPredictor(guess, { name, backend, source: "m", warmup: false, clock });

describe("cascade", () => {
  it("asks the next one where the first is not confident enough, and tells who answered", async () => {
    const events: PredictorEvent[] = [];
    const [small, big] = await Promise.all([open("small", model(0)), open("big", model(1))]);
    const whole = cascade([small, big], { escalateBelow: 0.75, onEvent: (event) => events.push(event) });
    expect((await whole.predict({ x: 0.75 })).by).toBe(0);
    expect((await whole.predict({ x: 0.5 })).by).toBe(1);
    expect((await whole.predict({ x: Number.NaN }).catch(() => ({ by: 9 }))).by).toBe(9);
    const detailed = await whole.predictDetailed({ x: 0.25 }, { requestId: "r" });
    expect(detailed.stages?.map(({ stage, model }) => [stage, model.name])).toEqual([
      [0, "small"],
      [1, "big"],
    ]);
    expect((await whole.predictDetailed({ x: 1 })).stages?.at(-1)?.model.name).toBe("small");
    expect(events).toContainEqual({ type: "stage-escalated", id: "r", from: 0, to: 1 });
    expect(whole.stats().members).toMatchObject([
      { name: "small", calls: 5 },
      { name: "big", calls: 2 },
    ]);
  });

  it("takes a limit for each member, and a function that reads the confidence", async () => {
    const all = await Promise.all([0, 1, 2].map((by) => open(`m${by}`, model(by, by + 1))));
    const whole = cascade(all, { escalateBelow: [0.9, 0.5], confidence: (output) => Number(output.confidence) });
    expect((await whole.predict({ x: 0.95 })).by).toBe(0);
    expect((await whole.predict({ x: 0.3 })).by).toBe(1);
    expect((await whole.predict({ x: 0.2 })).by).toBe(2);
    const unsure = cascade(all, { escalateBelow: 0, confidence: () => Number.NaN });
    expect((await unsure.predict({ x: 1 })).by).toBe(2);
  });

  it("an output without a confidence is a mistake, and is named", async () => {
    const [small, big] = await Promise.all([open("small", model(0)), open("big", model(1))]);
    await expect(cascade([small, big], { escalateBelow: 0.5, onFailure: "escalate" }).predict({ x: -1 })).rejects.toMatchObject({
      code: "OUTPUT_INVALID",
      message: expect.stringMatching(/^cascade "cascade", stage 0 \("confidence"\): field "confidence": expected a number, got nothing/),
    });
  });

  it("fails with a member, or goes on where it may", async () => {
    const events: PredictorEvent[] = [];
    const [bad, big] = await Promise.all([open("bad", broken), open("big", model(1))]);
    await expect(cascade([bad, big], { escalateBelow: 0.5 }).predict({ x: 1 })).rejects.toMatchObject({
      code: "BACKEND_RUN",
      details: { stage: { index: 0, name: "bad" } },
    });
    const whole = cascade([bad, big], { escalateBelow: 0.5, onFailure: "escalate", onEvent: (event) => events.push(event) });
    const detailed = await whole.predictDetailed({ x: 1 });
    expect(detailed).toMatchObject({ output: { by: 1 }, stages: [{ stage: 0, code: "BACKEND_RUN" }, { stage: 1 }] });
    expect(events[0]).toMatchObject({ type: "stage-failed", stage: 0, code: "BACKEND_RUN" });
    await expect(whole.predict({ x: "1" } as never)).rejects.toMatchObject({ code: "INPUT_DTYPE", status: 400 });
    await expect(cascade([big, bad], { escalateBelow: 2, onFailure: "escalate" }).predict({ x: 1 })).rejects.toMatchObject({
      details: { stage: { index: 1 } },
    });
  });

  it("its time limit is the whole's", async () => {
    const clock = new FakeClock();
    const backends = [model(0), model(1)] as const;
    const [small, big] = await Promise.all([open("small", backends[0], clock), open("big", backends[1], clock)]);
    for (const backend of backends) backend.hold(true);
    const late = cascade([small, big], { escalateBelow: 2, clock }).predict({ x: 1 }, { timeoutMs: 10 });
    const outcome = expect(late).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED", details: { timeoutMs: 10 } });
    await clock.advance(6);
    backends[0].release();
    await clock.advance(4);
    await outcome;
    expect(big.stats()).toMatchObject({ requests: 1, aborted: 1 });
    backends[1].release();
  });

  it("takes tensors where its members encode alike, and mounts", async () => {
    const [small, big] = await Promise.all([open("small", model(0)), open("big", model(1))]);
    const whole = cascade([small, big], { escalateBelow: 0.5, name: "two" });
    expect((await whole.predictEncoded({ x: [[0.1]] })).output.by).toBe(1);
    await expect(whole.run({ x: [[1]] })).rejects.toMatchObject({ code: "INPUT_UNKNOWN" });
    const handler = toFetchHandler({ models: [whole] as never });
    const reply = await handler(
      new Request("http://h/predict", { method: "POST", body: '{"x":0.25}', headers: { "content-type": "application/json" } }),
    );
    expect(await reply.json()).toEqual({ by: 1, confidence: 0.25 });
    const raw = await Promise.all([0, 1].map((by) => createPredictor({ name: `r${by}`, backend: model(by), source: "m" })));
    const tensors = cascade(raw, { escalateBelow: 0.5, confidence: ({ y }) => Number(y?.data[0]) });
    expect((await tensors.run({ x: [[0.25]] }))["y"]?.data[1]).toBe(1);
  });

  it("refuses wrong options", async () => {
    const small = await open("small", model(0));
    const wrong = (options: object) => () => cascade([small, small], options as { escalateBelow: number });
    const config = (path: string) => expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path }) });
    expect(() => cascade([small], { escalateBelow: 1 })).toThrow(config("members"));
    expect(wrong({})).toThrow(config("escalateBelow"));
    expect(wrong({ escalateBelow: [1, 2] })).toThrow(config("escalateBelow"));
    expect(wrong({ escalateBelow: Number.NaN })).toThrow(config("escalateBelow"));
    expect(wrong({ escalateBelow: 1, confidence: 3 })).toThrow(config("confidence"));
    expect(wrong({ escalateBelow: 1, onFailure: "ignore" })).toThrow(config("onFailure"));
  });
});
