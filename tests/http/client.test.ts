import { DefinitionError, isPrediktError, type Predictor, type PrediktError, tensor } from "@predikt/core";
import { type HttpPredictorOptions, httpPredictor } from "@predikt/core/client";
import type { AnyPredictor } from "@predikt/core/serving";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { bytes, createSite, double, moody, pixels, type Site } from "./models.ts";
import { asCall, type Call } from "./scenarios/as-call.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { scenarios } from "./scenarios.ts";
import { adapters, prefix, type Served } from "./servers.ts";
import { until } from "./until.ts";

/** What a call came to, in a form that two predictors can be compared by. */
async function outcome(call: Promise<unknown>): Promise<unknown> {
  try {
    return { output: await call };
  } catch (thrown) {
    if (!isPrediktError(thrown)) return { thrown };
    const { name, code, status, retryable, details, issues } = thrown;
    // A 5xx keeps its insides on the server.
    return status >= 500 ? { name, code, retryable } : { name, code, retryable, details, issues, message: thrown.message };
  }
}

/** Calls whose outcome over HTTP must be the local predictor's own. */
const alike: readonly (readonly [name: string, model: string, call: (predictor: AnyPredictor) => Promise<unknown>])[] = [
  ["an answer", "double", (p) => p.predict({ x: 4 })],
  ["a typed array in and out", "pixels", (p) => p.predict({ pixels: new Float32Array([1, 2, 3, 4]) })],
  ["bytes in and out", "bytes", (p) => p.predict({ bytes: Uint8Array.of(1, 2, 3) })],
  [
    "several answers, one of them a refusal",
    "double",
    (p) => Promise.all([{ x: 1 }, { x: "1" }, { x: 3 }].map((input) => outcome(p.predict(input)))),
  ],
  [
    "predictMany",
    "double",
    async (p) => (await p.predictMany([{ x: 1 }, { x: 2 }])).map((each) => each.status === "fulfilled" && each.value),
  ],
  ["predictMany of none", "double", (p) => p.predictMany([])],
  ["missing field", "double", (p) => p.predict({})],
  ["unknown field", "double", (p) => p.predict({ x: 1, z: 1 })],
  ["wrong type", "double", (p) => p.predict({ x: "1" })],
  ["wrong length", "pixels", (p) => p.predict({ pixels: [1, 2, 3] })],
  ["NaN", "pixels", (p) => p.predict({ pixels: [1, 2, 3, Number.NaN] })],
  ["an integer out of range", "bytes", (p) => p.predict({ bytes: [1, 256, 3] })],
  ["encode throws", "moody", (p) => p.predict({ mode: "encode" })],
  ["decode throws", "moody", (p) => p.predict({ mode: "decode" })],
  ["the output is refused", "moody", (p) => p.predict({ mode: "output" })],
  ["the runtime fails", "moody", (p) => p.predict({ mode: "run" })],
  ["tensors in and out", "cube", (p) => p.predict({ x: tensor("float32", [1, 2, 3, 4, 5, 6], [1, 2, 3]) })],
  [
    "nested arrays",
    "cube",
    (p) =>
      p.run({
        x: [
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
        ],
      }),
  ],
  ["two tensors", "two", (p) => p.run({ a: [[1, 2, 3]], b: Int32Array.of(7) })],
  ["64-bit integers", "long", (p) => p.run({ x: [1n, 2n ** 62n, -(2n ** 63n)] })],
  ["strings", "words", (p) => p.run({ x: ["a", "ß"] })],
  [
    "NaN and infinities",
    "free",
    (p) =>
      p.run({
        x: [
          [Number.NaN, Infinity],
          [-Infinity, -0.5],
        ],
      }),
  ],
  ["wrong rank", "cube", (p) => p.run({ x: [1, 2, 3] })],
  [
    "wrong dimension",
    "cube",
    (p) =>
      p.run({
        x: [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      }),
  ],
  ["missing and unknown tensors", "two", (p) => p.run({ a: [1, 2, 3], c: [1] })],
  ["wrong dtype", "cube", (p) => p.run({ x: tensor("int32", [1, 2, 3, 4, 5, 6], [1, 2, 3]) })],
  ["run, past encode and decode", "double", (p) => p.run({ x: tensor("float32", [1, 2], [2, 1]) })],
  ["run from a bare array, which takes the model's dtype", "bytes", (p) => p.run({ x: [[1, 2, 3]] })],
  ["run with the wrong rank", "double", (p) => p.run({ x: tensor("float32", [1], [1]) })],
  ["run with the wrong dtype", "double", (p) => p.run({ x: tensor("int32", [1], [1, 1]) })],
  ["run with the wrong name", "double", (p) => p.run({ z: [[1]] })],
  ["predictEncoded, past encode", "pixels", async (p) => (await p.predictEncoded({ x: new Float32Array([1, 2, 3, 4]) })).output],
  ["predictEncoded without a definition", "cube", async (p) => (await p.predictEncoded({ x: new Float32Array(6) })).output],
  ["an unknown version", "double", async (p) => ((await outcome(p.predict({ x: 1 }, { version: "99" }))) as PrediktError).code],
  ["an unknown label", "double", async (p) => ((await outcome(p.predict({ x: 1 }, { label: "canary" }))) as PrediktError).code],
];

/** The scenarios that a client can express, as calls of it. */
const table = scenarios.flatMap((scenario): [string, Scenario, Call][] => {
  const call = asCall(scenario);
  return call === undefined ? [] : [[scenario.name, scenario, call]];
});

it("the table's scenarios run through the client too", () => {
  const names = table.map(([name]) => name);
  expect(names).toEqual(
    expect.arrayContaining(["predict with the default model", "batch", "wrong dimension, with its axis", "the runtime fails"]),
  );
  expect(names.length).toBeGreaterThan(60);
});

const definitions: Readonly<Record<string, unknown>> = { double, pixels, bytes, moody };

describe.each(Object.entries(adapters))("httpPredictor against %s", (_adapter, serve) => {
  let site: Site;
  let served: Served;
  const open: AnyPredictor[] = [];

  beforeAll(async () => {
    site = await createSite();
    served = await serve(site.options);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((predictor) => predictor.close()));
    site.slow.hold(false);
    site.slow.release();
  });
  afterAll(async () => {
    await served.close();
    await site.close();
  });

  function local(name: string): AnyPredictor {
    return site.models.find((model) => model.info.name === name) as AnyPredictor;
  }

  function remote(name: string, options: HttpPredictorOptions = {}): AnyPredictor {
    const predictor = httpPredictor((definitions[name] ?? name) as string, `${served.origin}${prefix}`, {
      retries: 0,
      ...options,
    }) as unknown as AnyPredictor;
    open.push(predictor);
    return predictor;
  }

  it.each(table)("the table's: %s", async (_name, { status, body, headers = {} }, call) => {
    const predictor = httpPredictor(call.model, `${served.origin}${prefix}`, { retries: 0 }) as unknown as AnyPredictor;
    open.push(predictor);
    const outcome = await call.make(predictor);
    expect(outcome.status, JSON.stringify(outcome.body)).toBe(status);
    if (body !== undefined) expect(outcome.body).toEqual(body);
    for (const [name, value] of Object.entries(headers)) if (name in outcome.headers) expect(outcome.headers[name], name).toEqual(value);
  });

  it.each(alike)("%s: as the local predictor has it", async (_name, model, call) => {
    expect(await outcome(call(remote(model)))).toEqual(await outcome(call(local(model))));
  });

  it("revives errors with their class", async () => {
    await expect(remote("moody").predict({ mode: "decode" })).rejects.toBeInstanceOf(DefinitionError);
  });

  it("joins the calls of one tick, and aborts one without the others", async () => {
    const predictor = remote("slow");
    site.slow.hold(true);
    const before = site.slow.runs.length;
    const abort = new AbortController();
    const calls = [predictor.predict({ x: 1 }), predictor.predict({ x: 2 }, { signal: abort.signal }), predictor.predict({ x: 3 })];
    const second = outcome(calls[1] as Promise<unknown>);
    await until(() => site.slow.runs.length > before, "the run");
    const reason = new Error("no more");
    abort.abort(reason);
    expect(await second).toEqual({ thrown: reason });
    site.slow.hold(false);
    site.slow.release();
    expect(await Promise.all([calls[0], calls[2]])).toEqual([{ y: 2 }, { y: 6 }]);
    expect(predictor.stats()).toMatchObject({ requests: 3, succeeded: 2, aborted: 1, runs: 1, rows: 3 });
  });

  it("aborts on the server once nobody waits", async () => {
    const predictor = remote("slow");
    site.slow.hold(true);
    const before = { runs: site.slow.runs.length, aborted: local("slow").stats().aborted };
    const abort = new AbortController();
    const calls = Promise.allSettled([1, 2].map((x) => predictor.predict({ x }, { signal: abort.signal })));
    await until(() => site.slow.runs.length > before.runs, "the run");
    abort.abort();
    expect((await calls).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await until(() => local("slow").stats().aborted === before.aborted + 2, "the server's abort");
  });

  it("times out by itself, and tells the server how long it has", async () => {
    const ended = (): number => local("slow").stats().expired + local("slow").stats().aborted;
    const before = ended();
    site.slow.hold(true);
    await expect(remote("slow").predict({ x: 1 }, { timeoutMs: 30 })).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED", status: 504 });
    await until(() => ended() === before + 1, "the server's end of it");
  });

  it("carries id, version and priority there and back", async () => {
    const predictor = remote("double");
    const detailed = await predictor.predictDetailed({ x: 1 }, { requestId: "id-1", version: "4", priority: "high", routingKey: "Zoë" });
    expect(detailed).toMatchObject({
      output: { y: 2 },
      id: "id-1",
      model: { name: "double", version: "4" },
      device: "remote",
      batchSize: 1,
    });
    expect(site.replies.at(-1)).toMatchObject({ requestId: "id-1" });
  });

  it("learns from the server what it serves", async () => {
    const predictor = remote("pixels");
    await predictor.warmup();
    expect(predictor.info).toMatchObject({
      name: "pixels",
      version: "1",
      digest: "fa".repeat(32),
      signature: local("pixels").info.signature,
      device: "remote",
      backend: "http",
    });
  });

  it("finds the server's default model without a name", async () => {
    const predictor: Predictor<unknown, unknown> = httpPredictor<unknown, unknown>(undefined, `${served.origin}${prefix}/`);
    expect(await Promise.all([predictor.predict({ x: 1 }), predictor.predict({ x: 2 })])).toEqual([{ y: 2 }, { y: 4 }]);
    await predictor.warmup();
    expect(predictor.info).toMatchObject({ name: "double", version: "3" });
    await predictor.close();
  });

  it("splits what is too large for one request", async () => {
    const predictor = remote("free");
    const row = [Array(10_000).fill(0.5)];
    const answers = await Promise.all([1, 2, 3].map(() => predictor.run({ x: row })));
    expect(answers.map(({ y }) => y?.dims)).toEqual([
      [1, 10_000],
      [1, 10_000],
      [1, 10_000],
    ]);
    await expect(predictor.run({ x: [Array(40_000).fill(0.5)] })).rejects.toMatchObject({ code: "INPUT_TOO_LARGE", status: 413 });
  });

  it("waits as long as the server asks where its queue is full, and then succeeds", async () => {
    const predictor = remote("slow", { retries: 5, batch: { enabled: false } });
    site.slow.hold(true);
    const calls = [1, 2, 3, 4, 5].map((x) => predictor.predict({ x }));
    await until(() => local("slow").stats().rejected > 0, "a refusal");
    site.slow.hold(false);
    site.slow.release();
    expect(await Promise.all(calls)).toEqual([2, 4, 6, 8, 10].map((y) => ({ y })));
  });

  it("says DRAINING where the server closes, and REMOTE_UNREACHABLE where it is gone", async () => {
    const other = await createSite();
    const leaving = await serve(other.options);
    const predictor = httpPredictor(double, `${leaving.origin}${prefix}`, { retries: 0 });
    expect(await predictor.predict({ x: 1 })).toEqual({ y: 2 });
    await leaving.close();
    await expect(predictor.predict({ x: 1 })).rejects.toMatchObject({ code: "REMOTE_UNREACHABLE", retryable: true });
    await predictor.close();
    await other.close();
  });
});
