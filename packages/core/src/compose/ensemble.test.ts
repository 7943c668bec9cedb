import { describe, expect, it } from "vitest";
import { z } from "zod";
import { BackendError } from "../errors/index.ts";
import { defineModel } from "../model/index.ts";
import { createPredictor } from "../predictor/index.ts";
import { tensor } from "../tensor/index.ts";
import { type FakeBackend, FakeClock, fakeBackend, settle } from "../testing/index.ts";
import type { Predictor, PredictorEvent } from "../types/index.ts";
import { ensemble } from "./ensemble.ts";

const score = defineModel({
  name: "score",
  input: z.object({ x: z.number() }),
  output: z.object({ score: z.number(), label: z.string() }),
  encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
  decode: ({ y }) => ({ score: Number(y?.data[0]), label: Number(y?.data[0]) > 10 ? "high" : "low" }),
  example: { x: 1 },
});

type Score = Predictor<{ x: number }, { score: number; label: string }>;

/** y = factor · x. */
function times(factor: number): FakeBackend {
  return fakeBackend({
    compute: ({ x }) => ({ y: { type: "float32", data: new Float32Array([Number(x?.data[0]) * factor]), dims: [1, 1] } }),
  });
}

function failing(code: "BACKEND_RUN" | "BACKEND_LOST" = "BACKEND_RUN"): FakeBackend {
  return fakeBackend({
    compute: () => {
      throw new BackendError(code, "boom");
    },
  });
}

const open = (backend: FakeBackend, clock = new FakeClock()): Promise<Score> =>
  createPredictor(score, { backend, source: "m", warmup: false, clock });
const members = (...backends: FakeBackend[]): Promise<Score[]> => Promise.all(backends.map((backend) => open(backend)));
const scoreOf = ({ score }: { score: number }): { score: number } => ({ score });

describe("ensemble", () => {
  it("gives the mean, weighted", async () => {
    const scores = (await members(times(1), times(2), times(6))).map(
      (member) => member as unknown as Predictor<{ x: number }, { score: number; label: string }>,
    );
    const even = ensemble(scores, {
      combine: (outputs) => ({ score: outputs.reduce((sum, { score }) => sum + score, 0) / outputs.length }),
    });
    expect(await even.predict({ x: 1 })).toEqual({ score: 3 });
    const heavy = ensemble(scores, { combine: "mean", weights: [1, 1, 2] });
    expect(await heavy.predict({ x: 1 })).toEqual({ score: 15 / 4, label: "low" });
    await expect(heavy.predict({ x: 3 })).rejects.toMatchObject({
      code: "OUTPUT_INVALID",
      message: expect.stringContaining("output.label"),
    });
  });

  it("votes for the label that most members gave, and a tie goes to the first", async () => {
    const scores = await members(times(1), times(6), times(7), times(2));
    const even = ensemble(scores, { combine: "vote", field: "label" });
    expect(await even.predict({ x: 2 })).toEqual({ score: 2, label: "low" });
    const heavy = ensemble(scores, { combine: "vote", field: ({ label }) => label, weights: [1, 1, 1.5, 1] });
    expect(await heavy.predict({ x: 2 })).toEqual({ score: 12, label: "high" });
    await expect(ensemble(scores, { combine: "vote" }).predict({ x: 1 })).rejects.toMatchObject({
      code: "OUTPUT_INVALID",
      message: expect.stringMatching(/^ensemble "ensemble", combine: output: expected one label/),
    });
  });

  it("tells a function which members answered", async () => {
    const scores = await members(times(1), failing(), times(3));
    const told = ensemble(scores, { combine: (outputs, context) => [outputs.map(scoreOf), context], weights: [1, 2, 3], quorum: 2 });
    expect(await told.predict({ x: 1 })).toEqual([[{ score: 1 }, { score: 3 }], { members: [0, 2], weights: [1, 3] }]);
    const broken = ensemble(scores.slice(0, 1), {
      combine: () => {
        throw new Error("no");
      },
    });
    await expect(broken.predict({ x: 1 })).rejects.toMatchObject({
      code: "DEFINITION_FAILED",
      message: 'ensemble "ensemble", combine failed: no',
    });
  });

  it("asks all at once, and its timings are the slowest one's", async () => {
    const backends = [times(1), times(3)] as const;
    const clock = new FakeClock();
    const scores = await Promise.all(backends.map((backend) => open(backend, clock)));
    for (const backend of backends) backend.hold(true);
    await clock.advance(1);
    const call = ensemble(scores, { combine: "mean", clock }).predictDetailed({ x: 1 });
    await settle();
    expect(backends.map((backend) => backend.runs.length)).toEqual([1, 1]);
    await clock.advance(10);
    backends[0].release();
    await clock.advance(20);
    backends[1].release();
    expect(await call).toMatchObject({
      output: { score: 2 },
      timings: { runMs: 30, totalMs: 30, decodeMs: 0 },
      stages: [
        { stage: 0, timings: { totalMs: 10 } },
        { stage: 1, timings: { totalMs: 30 } },
      ],
    });
  });

  it("fails with the first failure by default, names the member, and stops the others", async () => {
    const slow = times(1);
    const scores = await members(slow, failing("BACKEND_LOST"));
    slow.hold(true);
    const events: PredictorEvent[] = [];
    const whole = ensemble(scores, { combine: "mean", name: "three", onEvent: (event) => events.push(event) });
    await expect(whole.predict({ x: 1 })).rejects.toMatchObject({
      code: "BACKEND_LOST",
      message: 'ensemble "three", stage 1 ("score"): boom',
      details: { stage: { index: 1, name: "score" } },
    });
    expect(scores[0]?.stats()).toMatchObject({ aborted: 1 });
    slow.release();
    expect(events.map(({ type }) => type)).toEqual(["job-settled"]);
    expect(whole.stats()).toMatchObject({ failed: 1, members: [{ failed: 0 }, { failed: 1 }] });
  });

  it("goes on without a member where enough others answer, and says so", async () => {
    const events: PredictorEvent[] = [];
    const scores = await members(times(1), failing(), times(3));
    const whole = ensemble(scores, { combine: "mean", quorum: 2, onEvent: (event) => events.push(event) });
    const detailed = await whole.predictDetailed({ x: 1 }, { requestId: "r" });
    expect(detailed).toMatchObject({ output: { score: 2 }, stages: [{ stage: 0 }, { stage: 1, code: "BACKEND_RUN" }, { stage: 2 }] });
    expect(events[0]).toEqual({ type: "stage-failed", id: "r", stage: 1, code: "BACKEND_RUN" });
    await scores[1]?.close();
    expect(whole.info.state).toBe("ready");
    await scores[2]?.close();
    expect(whole.info.state).toBe("closed");
    await expect(whole.predict({ x: 1 })).rejects.toMatchObject({ code: "CLOSED" });
  });

  it("its time limit and an abort reach every member", async () => {
    const backends = [times(1), times(3)] as const;
    const clock = new FakeClock();
    const scores = await Promise.all(backends.map((backend) => open(backend, clock)));
    const whole = ensemble(scores, { combine: "mean", clock });
    for (const backend of backends) backend.hold(true);
    const late = expect(whole.predict({ x: 1 }, { timeoutMs: 5 })).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
      details: { timeoutMs: 5 },
    });
    const controller = new AbortController();
    const gone = expect(whole.predict({ x: 1 }, { signal: controller.signal })).rejects.toBe("gone");
    await settle();
    controller.abort("gone");
    await clock.advance(5);
    await Promise.all([late, gone]);
    expect(scores.map((member) => member.stats().aborted)).toEqual([2, 2]);
    expect(whole.stats()).toMatchObject({ expired: 1, aborted: 1, running: 0 });
    for (const backend of backends) backend.release();
  });

  it("takes tensors where its members encode alike, and gives them for a mean", async () => {
    const scores = await members(times(1), times(3));
    const mean = ensemble(scores, { combine: "mean" });
    expect((await mean.predictEncoded({ x: [[2]] })).output).toEqual({ score: 4, label: "low" });
    expect((await mean.run({ x: [[2]] }))["y"]).toEqual({ type: "float32", data: new Float32Array([4]), dims: [1, 1] });
    expect(mean.info.signature).toEqual(scores[0]?.info.signature);
    const vote = ensemble(scores, { combine: "vote", field: "label" });
    expect(vote.info.signature.outputs).toEqual([]);
    await expect(vote.run({ x: [[1]] })).rejects.toMatchObject({ code: "INPUT_UNKNOWN" });
    const other = await createPredictor({ ...score, encode: ({ x }: { x: number }) => ({ x: [[x]] }) } as unknown as typeof score, {
      backend: times(1),
      source: "m",
      warmup: false,
    });
    const mixed = ensemble([...scores, other], { combine: "mean" });
    expect(mixed.info.signature).toEqual({ inputs: [], outputs: [] });
    await expect(mixed.predictEncoded({ x: [[1]] })).rejects.toMatchObject({ code: "INPUT_UNKNOWN" });
  });

  it("describes itself as its first member does, unless a function makes something else", async () => {
    const scores = await members(times(1), times(3));
    expect(ensemble(scores, { combine: "mean", name: "all" }).definition).toMatchObject({
      name: "all",
      input: score.input,
      output: score.output,
    });
    const output = z.number();
    const first = ensemble(scores, { combine: ([one]) => one?.score ?? 0, output });
    expect(first.definition).toMatchObject({ output, example: { x: 1 } });
    const raw = await createPredictor({ backend: times(1), source: "m" });
    expect(ensemble([raw, raw], { combine: "mean" }).definition).toBeUndefined();
  });

  it("refuses wrong options", async () => {
    const scores = await members(times(1), times(3));
    const wrong = (options: object) => () => ensemble(scores, options as { combine: "mean" });
    const config = (path: string) => expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path }) });
    expect(() => ensemble([], { combine: "mean" })).toThrow(config("members"));
    expect(wrong({ combine: "median" })).toThrow(config("combine"));
    expect(wrong({ combine: "mean", field: "label" })).toThrow(config("field"));
    expect(wrong({ combine: "mean", weights: [1] })).toThrow(config("weights"));
    expect(wrong({ combine: "mean", weights: [1, 0] })).toThrow(config("weights[1]"));
    expect(wrong({ combine: "mean", quorum: 3 })).toThrow(config("quorum"));
    expect(wrong(null as never)).toThrow(config("options"));
  });
});
