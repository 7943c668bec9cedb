import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { isPrediktError, PrediktError } from "../errors/index.ts";
import { defineModel, numbers } from "../model/index.ts";
import { tensor } from "../tensor/index.ts";
import { FakeClock, fakeBackend, settle } from "../testing/index.ts";
import type { PredictorEvent } from "../types/index.ts";
import { createPredictor } from "./create-predictor.ts";
import { firstAvailable } from "./first-available.ts";

const double = defineModel({
  name: "double",
  version: "3",
  input: z.object({ x: z.number() }),
  output: z.object({ y: z.number() }),
  encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
  decode: ({ y }) => ({ y: Number(y?.data[0]) }),
  example: { x: 1 },
});

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => new Error("it resolved"),
    (reason: unknown) => reason,
  );
  return isPrediktError(error) ? error.code : String(error);
}

describe("createPredictor", () => {
  it("encodes, runs and decodes, with types from end to end", async () => {
    const backend = fakeBackend();
    const predictor = await createPredictor(double, { backend, source: "m.onnx" });
    const output = await predictor.predict({ x: 21 });
    expectTypeOf(output).toEqualTypeOf<{ y: number }>();
    expect(output).toEqual({ y: 42 });
    expect(predictor.info).toMatchObject({ name: "double", version: "3", device: "cpu", state: "ready", batching: { enabled: false } });
    await predictor.close();
    expect(backend.openSessions()).toBe(0);
  });

  it("tells id, model, device, timings and batch size", async () => {
    const predictor = await createPredictor(double, { backend: fakeBackend(), source: "m.onnx" });
    const detailed = await predictor.predictDetailed({ x: 2 }, { requestId: "r1" });
    expect(detailed).toMatchObject({ output: { y: 4 }, id: "r1", model: { name: "double", version: "3" }, device: "cpu", batchSize: 1 });
    const { queueMs, encodeMs, runMs, decodeMs, totalMs } = detailed.timings;
    expect(queueMs + encodeMs + runMs + decodeMs).toBeCloseTo(totalMs, 6);
    await predictor.close();
  });

  it("takes tensors, typed arrays and nested arrays without a definition", async () => {
    const predictor = await createPredictor({ backend: fakeBackend(), source: "m.onnx" });
    for (const x of [tensor("float32", [3], [1, 1]), new Float32Array([3]), [[3]], [3]]) {
      const { y } = await predictor.run({ x });
      expect(y).toEqual({ type: "float32", data: new Float32Array([6]), dims: [1, 1] });
    }
    await predictor.close();
  });

  it("reports every input problem at once, and which", async () => {
    const predictor = await createPredictor(double, { backend: fakeBackend(), source: "m.onnx" });
    const wrong = await predictor.predict({ x: "three" } as never).catch((error: unknown) => error as PrediktError);
    expect(wrong).toMatchObject({ code: "INPUT_DTYPE", issues: [{ path: "x", expected: "number", received: "string" }] });
    expect(await codeOf(predictor.predict({} as never))).toBe("INPUT_MISSING");
    expect(await codeOf(predictor.run({ x: [[1]], z: [1] }))).toBe("INPUT_UNKNOWN");
    expect(await codeOf(predictor.run({ x: [[1, 2]] }))).toBe("INPUT_SHAPE");
    expect(await codeOf(predictor.run({ x: [["a"]] }))).toBe("INPUT_DTYPE");
    expect(await codeOf(predictor.run({ x: { type: "int32", data: new Int32Array(1), dims: [1, 1] } }))).toBe("INPUT_DTYPE");
    await predictor.close();
  });

  it("names encode or decode where a definition throws, and refuses outputs against their schema", async () => {
    const make = (parts: object) =>
      createPredictor({ ...double, ...parts } as typeof double, { backend: fakeBackend(), source: "m", warmup: false });
    let broken = false;
    const encoding = await make({
      encode: ({ x }: { x: number }) => {
        if (broken) throw new Error("no");
        return double.encode({ x } as never, {} as never);
      },
    });
    broken = true;
    await expect(encoding.predict({ x: 1 })).rejects.toMatchObject({ code: "DEFINITION_FAILED", details: { which: "encode" } });
    const decoding = await make({ decode: () => Promise.reject(new Error("no")) });
    await expect(decoding.predict({ x: 1 })).rejects.toMatchObject({ code: "DEFINITION_FAILED", details: { which: "decode" } });
    const invalid = await make({ decode: () => ({ y: "four" }) });
    await expect(invalid.predict({ x: 1 })).rejects.toMatchObject({ code: "OUTPUT_INVALID" });
  });

  it("rethrows the caller's abort reason, before and during a run, and leaves the others alone", async () => {
    const backend = fakeBackend();
    const predictor = await createPredictor(double, { backend, source: "m" });
    const reason = new Error("changed my mind");
    await expect(predictor.predict({ x: 1 }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    backend.hold(true);
    const controller = new AbortController();
    const [running, queued, kept] = [
      predictor.predict({ x: 1 }, { signal: controller.signal }),
      predictor.predict({ x: 2 }, { signal: controller.signal }),
      predictor.predict({ x: 3 }),
    ];
    await settle();
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    await expect(queued).rejects.toBe(reason);
    backend.hold(false);
    backend.release();
    await expect(kept).resolves.toEqual({ y: 6 });
    expect(backend.runs.map((run) => run.feeds["x"]?.data[0])).toEqual([1, 1, 3]);
    expect(predictor.stats()).toMatchObject({ aborted: 3, succeeded: 1, queued: 0, running: 0 });
    await predictor.close();
  });

  it("expires with DEADLINE_EXCEEDED, counted from the call", async () => {
    const clock = new FakeClock();
    const backend = fakeBackend();
    const predictor = await createPredictor(double, { backend, source: "m", clock });
    backend.hold(true);
    const code = codeOf(predictor.predict({ x: 1 }, { timeoutMs: 50 }));
    await clock.advance(49);
    expect(predictor.stats().expired).toBe(0);
    await clock.advance(1);
    expect(await code).toBe("DEADLINE_EXCEEDED");
    expect(clock.pending).toBe(0);
  });

  it("refuses past its queue limit and counts it", async () => {
    const backend = fakeBackend();
    const predictor = await createPredictor(double, { backend, source: "m", queueLimit: 2 });
    backend.hold(true);
    const running = predictor.predict({ x: 1 });
    await settle();
    const waiting = [predictor.predict({ x: 2 }), predictor.predict({ x: 3 })];
    expect(await codeOf(predictor.predict({ x: 4 }))).toBe("QUEUE_FULL");
    backend.hold(false);
    backend.release();
    expect(await Promise.all([running, ...waiting])).toEqual([{ y: 2 }, { y: 4 }, { y: 6 }]);
    expect(predictor.stats()).toMatchObject({ rejected: 1, failed: 1, succeeded: 3 });
  });

  it("drains on close, refuses meanwhile and afterwards, and closes once", async () => {
    const backend = fakeBackend();
    const predictor = await createPredictor(double, { backend, source: "m" });
    backend.hold(true);
    const running = predictor.predict({ x: 1 });
    await settle();
    const closing = [predictor.close(), predictor.close()];
    expect(predictor.info.state).toBe("draining");
    expect(await codeOf(predictor.predict({ x: 2 }))).toBe("DRAINING");
    backend.release();
    expect(await running).toEqual({ y: 2 });
    await Promise.all(closing);
    expect(await codeOf(predictor.predict({ x: 2 }))).toBe("CLOSED");
    expect(backend.openSessions()).toBe(0);
  });

  it("closes the session when loading fails or is aborted", async () => {
    const backend = fakeBackend();
    expect(await codeOf(createPredictor({ ...double, example: { x: "no" } } as never, { backend, source: "m" }))).toBe("DEFINITION_FAILED");
    const reason = new Error("stop");
    await expect(createPredictor(double, { backend, source: "m", signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(backend.openSessions()).toBe(0);
  });

  it("names the option that is wrong", async () => {
    const backend = fakeBackend();
    for (const options of [
      { source: "m" },
      { backend },
      { backend, source: "m", queueLimit: -1 },
      { backend, source: "m", batching: { maxBatchSize: 0 } },
    ]) {
      expect(await codeOf(createPredictor(double, options as never))).toBe("CONFIG_INVALID");
    }
    const predictor = await createPredictor(double, { backend, source: "m" });
    expect(await codeOf(predictor.predict({ x: 1 }, { timeoutMs: -1 }))).toBe("CONFIG_INVALID");
    expect(await codeOf(predictor.predict({ x: 1 }, { version: "9" }))).toBe("MODEL_NOT_FOUND");
  });

  it("sends events, each once", async () => {
    const events: PredictorEvent[] = [];
    const backend = fakeBackend({ skipped: [{ device: "cuda", reason: "no libraries" }] });
    const predictor = await createPredictor(double, { backend, source: "m", onEvent: (event) => events.push(event) });
    await predictor.predict({ x: 1 });
    await predictor.close();
    expect(events.map((event) => event.type)).toEqual(["device-skipped", "model-loaded", "batch-run", "job-settled", "predictor-closed"]);
  });
});

describe("numbers in a zod object", () => {
  const schema = z.object({ pixels: numbers({ length: 4 }) });
  it("infers, converts and refuses with a path", () => {
    expectTypeOf<z.output<typeof schema>["pixels"]>().toEqualTypeOf<Float32Array>();
    expect(schema.parse({ pixels: [1, 2, 3, 4] })).toEqual({ pixels: new Float32Array([1, 2, 3, 4]) });
    expect(
      schema.parse({
        pixels: [
          [1, 2],
          [3, 4],
        ],
      }).pixels,
    ).toEqual(new Float32Array([1, 2, 3, 4]));
    const own = new Float32Array(4);
    expect(schema.parse({ pixels: own }).pixels).toBe(own);
    expect(schema.safeParse({ pixels: [1, 2, Number.NaN, 4] }).error?.issues).toMatchObject([{ path: ["pixels", 2] }]);
    for (const pixels of [[1], "1234", undefined, ["a", 1, 2, 3], [[1], [2, 3]]]) expect(schema.safeParse({ pixels }).success).toBe(false);
    expect(z.toJSONSchema(schema)).toMatchObject({
      properties: { pixels: { type: "array", minItems: 4, maxItems: 4, items: { type: "number" } } },
    });
  });
});

describe("firstAvailable", () => {
  it("records who won and why the others lost", async () => {
    const predictor = await firstAvailable([
      () => Promise.reject(new PrediktError("BACKEND_MISSING", "install it")),
      () => createPredictor(double, { backend: fakeBackend(), source: "m" }),
    ]);
    expect(await predictor.predict({ x: 2 })).toEqual({ y: 4 });
    expect(predictor.info.details["choice"]).toEqual({
      candidate: 1,
      lost: [{ candidate: 0, code: "BACKEND_MISSING", reason: "install it" }],
    });
    await expect(firstAvailable([() => Promise.reject(new Error("no"))])).rejects.toMatchObject({ code: "BACKEND_UNAVAILABLE" });
  });

  it("ends with its signal or with a wrong option", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const stopped = firstAvailable(
      [
        () => Promise.reject(new PrediktError("BACKEND_MISSING", "install it")),
        () => {
          controller.abort(reason);
          return Promise.reject(new Error("whatever"));
        },
        () => createPredictor(double, { backend: fakeBackend(), source: "m" }),
      ],
      { signal: controller.signal },
    );
    await expect(stopped).rejects.toBe(reason);
    const wrong = () => createPredictor(double, { backend: fakeBackend(), source: "m", queueLimit: -1 });
    await expect(firstAvailable([wrong, wrong])).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});
