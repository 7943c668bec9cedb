import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPrediktError } from "../errors/index.ts";
import { createPredictor } from "../predictor/create-predictor.ts";
import { tensor } from "../tensor/index.ts";
import { type FakeBackendOptions, FakeClock, fakeBackend, settle } from "../testing/index.ts";
import type { PredictorEvent, Tensor, Tensors } from "../types/index.ts";

const x = (...values: number[]): { x: ReturnType<typeof tensor<"float32">> } => ({ x: tensor("float32", values, [values.length, 1]) });
const values = (outputs: Tensors): number[] => Array.from(outputs["y"]?.data as Float32Array);

async function load(options: FakeBackendOptions = {}, batching: object | "auto" = { maxBatchSize: 4 }, more: object = {}) {
  const backend = fakeBackend(options);
  const events: PredictorEvent[] = [];
  const predictor = await createPredictor({ backend, source: "m", batching, onEvent: (event) => events.push(event), ...more });
  backend.runs.length = 0;
  const sizes = (): number[] => backend.runs.map((run) => run.feeds["x"]?.dims[0] as number);
  return { backend, predictor, events, sizes };
}

describe("batching", () => {
  it("joins the calls of one tick into one run and gives each its own row", async () => {
    const { predictor, sizes } = await load();
    const answers = await Promise.all([1, 2, 3].map((v) => predictor.run(x(v))));
    expect(answers.map(values)).toEqual([[2], [4], [6]]);
    expect(sizes()).toEqual([3]);
    const buffers = new Set(answers.map(({ y }) => ((y as Tensor).data as Float32Array).buffer));
    expect(buffers.size).toBe(3);
  });

  it("tells a run how long its most patient job waits, and the id of a lone one", async () => {
    const clock = new FakeClock();
    const { backend, predictor } = await load({ concurrency: 1 }, { maxBatchSize: 4 }, { clock });
    const told = (): unknown => {
      const { timeoutMs, requestId } = backend.runs.at(-1)?.options ?? {};
      return [timeoutMs, requestId];
    };
    await predictor.run(x(1), { timeoutMs: 500, requestId: "r" });
    expect(told()).toEqual([500, "r"]);
    await predictor.run(x(1));
    expect(told()).toEqual([Infinity, undefined]);
    await Promise.all([predictor.run(x(1), { timeoutMs: 500, requestId: "r" }), predictor.run(x(2), { timeoutMs: 300 })]);
    expect(told()).toEqual([500, undefined]);
    await Promise.all([predictor.run(x(1), { timeoutMs: 500 }), predictor.run(x(2))]);
    expect(told()).toEqual([Infinity, undefined]);
    backend.hold(true);
    const first = predictor.run(x(1));
    await settle();
    const waiting = predictor.run(x(2), { timeoutMs: 500 });
    await clock.advance(200);
    backend.release();
    await settle();
    expect(told()).toEqual([300, undefined]);
    backend.release();
    await Promise.all([first, waiting]);
  });

  it("starts at once when idle, gathers while busy, never passes maxBatchSize, and counts rows, not calls", async () => {
    const { backend, predictor, sizes } = await load();
    backend.hold(true);
    const first = predictor.run(x(1));
    await settle();
    expect(sizes()).toEqual([1]);
    const rest = [predictor.run(x(2, 3)), predictor.run(x(4, 5)), predictor.run(x(6))];
    await settle();
    expect(sizes()).toEqual([1]);
    backend.hold(false);
    backend.release();
    expect((await Promise.all([first, ...rest])).map(values)).toEqual([[2], [4, 6], [8, 10], [12]]);
    expect(sizes()).toEqual([1, 4, 1]);
  });

  it("lets a part-filled batch wait for company only while another run is under way", async () => {
    const clock = new FakeClock();
    const { backend, predictor, sizes } = await load({ concurrency: 2 }, { maxBatchSize: 4, maxDelayMs: 10 }, { clock });
    backend.hold(true);
    const running = predictor.run(x(1));
    await settle();
    expect(sizes()).toEqual([1]);
    const waiting = predictor.run(x(2));
    await clock.advance(9);
    expect(sizes()).toEqual([1]);
    const company = predictor.run(x(3));
    await clock.advance(1);
    expect(sizes()).toEqual([1, 2]);
    const full = [4, 5, 6, 7].map((v) => predictor.run(x(v)));
    backend.release();
    await settle();
    backend.release();
    await Promise.all([running, waiting, company, ...full]);
    expect(sizes()).toEqual([1, 2, 4]);
  });

  it("keeps dtypes and trailing shapes in lanes of their own", async () => {
    const signature = {
      inputs: [{ name: "x", dtype: "float32", shape: ["n", "length"] }],
      outputs: [{ name: "y", dtype: "float32", shape: ["n", "length"] }],
    } as const;
    const { predictor, sizes } = await load({ signature }, { maxBatchSize: 4 }, { example: { x: [[1]] } });
    const inputs = [[[1]], [[1, 2]], [[3]], [[4, 5]]];
    const answers = await Promise.all(inputs.map((value) => predictor.run({ x: value })));
    expect(answers.map(values)).toEqual([[2], [2, 4], [6], [8, 10]]);
    expect(sizes()).toEqual([2, 2]);
  });

  it("serves high before normal before low", async () => {
    const { backend, predictor } = await load({}, { maxBatchSize: 2 });
    backend.hold(true);
    const done: number[] = [];
    const call = (v: number, priority?: "high" | "low") => predictor.run(x(v), { priority }).then(() => done.push(v));
    const calls = [call(0)];
    await settle();
    calls.push(call(1, "low"), call(2), call(3, "high"), call(4), call(5, "low"), call(6, "high"));
    backend.hold(false);
    backend.release();
    await Promise.all(calls);
    expect(done).toEqual([0, 3, 6, 2, 4, 1, 5]);
  });

  it("splits a request of more rows than a batch may have", async () => {
    const { predictor, sizes } = await load();
    const rows = Array.from({ length: 10 }, (_, i) => i);
    expect(values(await predictor.run(x(...rows)))).toEqual(rows.map((v) => 2 * v));
    expect(sizes()).toEqual([4, 4, 2]);
    await expect(predictor.run(x(...rows), { signal: AbortSignal.abort(new Error("no")) })).rejects.toThrow("no");
  });

  it("drops aborted jobs before they join, and tells the backend when all of a run have gone", async () => {
    const { backend, predictor, sizes } = await load();
    backend.hold(true);
    const [one, two] = [new AbortController(), new AbortController()];
    const calls = [predictor.run(x(1), { signal: one.signal }), predictor.run(x(2), { signal: two.signal })];
    const settled = Promise.allSettled(calls);
    await settle();
    const waiting = Promise.allSettled([predictor.run(x(3), { signal: one.signal }), predictor.run(x(4))]);
    one.abort();
    const { abandoned } = backend.runs[0]?.options ?? {};
    expect(abandoned?.aborted).toBe(false);
    two.abort();
    expect(abandoned?.aborted).toBe(true);
    backend.hold(false);
    backend.release();
    expect((await settled).map((r) => r.status)).toEqual(["rejected", "rejected"]);
    expect((await waiting).map((r) => r.status)).toEqual(["rejected", "fulfilled"]);
    expect(sizes()).toEqual([2, 1]);
  });

  it("retries a failed batch one by one, so that the poisoned item fails alone", async () => {
    const compute = ({ x: input }: Tensors): Tensors => {
      const data = input?.data as Float32Array;
      if (data.includes(13)) throw new Error("poison");
      return { y: { type: "float32", data: data.map((v) => 2 * v), dims: input?.dims ?? [] } };
    };
    const { predictor, sizes } = await load({ compute });
    const settled = await Promise.allSettled([1, 13, 3].map((v) => predictor.run(x(v))));
    expect(settled.map((r) => (r.status === "fulfilled" ? values(r.value) : (r.reason as { code: string }).code))).toEqual([
      [2],
      "BACKEND_RUN",
      [6],
    ]);
    expect(sizes()).toEqual([3, 1, 1, 1]);
    expect(predictor.stats()).toMatchObject({ isolations: 1, succeeded: 2, failed: 1 });
  });

  it("uses places that a pool adds while jobs wait", async () => {
    const { backend, predictor, sizes } = await load({}, { maxBatchSize: 2 });
    backend.hold(true);
    const calls = [1, 2, 3, 4].map((v) => predictor.run(x(v)));
    await settle();
    expect(sizes()).toEqual([2]);
    backend.resize(2);
    await settle();
    expect(sizes()).toEqual([2, 2]);
    backend.release();
    await Promise.all(calls);
  });

  it("refuses a model whose rows influence one another, or runs it unbatched where it may choose", async () => {
    const mixing: FakeBackendOptions = {
      compute: ({ x: input }) => {
        const data = input?.data as Float32Array;
        const scale = Math.max(...data.map(Math.abs));
        return { y: { type: "float32", data: data.map((v) => Math.round((v / scale) * 127) * scale), dims: input?.dims ?? [] } };
      },
    };
    await expect(load(mixing, { maxBatchSize: 4 }, { example: { x: [[1.7]] } })).rejects.toMatchObject({ code: "BATCH_UNSAFE" });
    await expect(load({ batchUnsafeOps: ["DynamicQuantizeLinear"] })).rejects.toMatchObject({ code: "BATCH_UNSAFE" });
    const { predictor } = await load(mixing, "auto", { example: { x: [[1.7]] } });
    expect(predictor.info.batching).toMatchObject({ enabled: false, reason: expect.stringContaining("differs by") });
  });

  it("survives an abort storm: every call settles exactly once", async () => {
    const { predictor } = await load({}, { maxBatchSize: 8 });
    let settledCount = 0;
    const calls = Array.from({ length: 10_000 }, (_, i) => {
      const controller = new AbortController();
      const call = predictor.run(x(i), { signal: controller.signal }).then(
        (outputs) => {
          settledCount++;
          expect(values(outputs)).toEqual([2 * i]);
        },
        (error: unknown) => {
          settledCount++;
          expect(error === controller.signal.reason || (isPrediktError(error) && error.code === "QUEUE_FULL")).toBe(true);
        },
      );
      if (i % 3 === 0) controller.abort();
      else if (i % 3 === 1) queueMicrotask(() => controller.abort());
      return i % 100 === 0 ? call.then(settle) : call;
    });
    await Promise.all(calls);
    expect(settledCount).toBe(10_000);
    expect(predictor.stats()).toMatchObject({ queued: 0, running: 0, requests: 10_000 });
    await predictor.close();
  });
});

describe("batching, for any arrivals", () => {
  const arrival = fc.record({
    rows: fc.integer({ min: 1, max: 7 }),
    wait: fc.integer({ min: 0, max: 3 }),
    priority: fc.constantFrom("high" as const, "normal" as const, "low" as const),
    abortAfter: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
    poison: fc.boolean(),
  });

  it("answers each call once, with what it would have got alone", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(arrival, { maxLength: 25 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 3 }),
        async (arrivals, maxBatchSize, concurrency) => {
          const clock = new FakeClock();
          const compute = async ({ x: input }: Tensors): Promise<Tensors> => {
            await new Promise<void>((resolve) => clock.after(2, resolve));
            const data = input?.data as Float32Array;
            if (data.some((v) => v < 0)) throw new Error("poison");
            return { y: { type: "float32", data: data.map((v) => 2 * v), dims: input?.dims ?? [] } };
          };
          const loading = load({ compute, concurrency }, { maxBatchSize, maxDelayMs: 1 }, { clock });
          await clock.advance(100);
          const { predictor } = await loading;
          const outcomes: (string | undefined)[] = arrivals.map(() => undefined);
          const waits: Promise<void>[] = [];
          for (const [i, { rows, wait, priority, abortAfter, poison }] of arrivals.entries()) {
            const input = Array.from({ length: rows }, (_, k) => (poison && k === 0 ? -1 : 100 * i + k));
            const controller = new AbortController();
            const check = (outcome: string): void => {
              expect(outcomes[i]).toBeUndefined();
              outcomes[i] = outcome;
            };
            waits.push(
              predictor.run(x(...input), { priority, signal: controller.signal }).then(
                (outputs) => {
                  expect(values(outputs)).toEqual(input.map((v) => 2 * v));
                  check("answered");
                },
                (error: unknown) => check(error === controller.signal.reason ? "aborted" : (error as { code: string }).code),
              ),
            );
            if (abortAfter !== undefined) clock.after(abortAfter, () => controller.abort());
            await clock.advance(wait);
          }
          await clock.advance(10_000);
          await Promise.all(waits);
          for (const [i, { poison, abortAfter }] of arrivals.entries()) {
            if (outcomes[i] === "aborted") expect(abortAfter).toBeDefined();
            else expect(outcomes[i]).toBe(poison ? "BACKEND_RUN" : "answered");
          }
          expect(predictor.stats()).toMatchObject({ queued: 0, running: 0 });
        },
      ),
      { numRuns: 60 },
    );
  });
});
