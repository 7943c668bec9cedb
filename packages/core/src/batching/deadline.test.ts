import { describe, expect, it } from "vitest";
import { createPredictor } from "../predictor/create-predictor.ts";
import { FakeClock, fakeBackend, settle } from "../testing/index.ts";
import type { Clock, Tensor, Tensors } from "../types/index.ts";

/** A clock whose time passes while its timers wait for their turn, as in an event loop that something blocks. */
function blocked(): { clock: Clock; pass: (ms: number) => void } {
  let now = 0;
  const pass = (ms: number): void => {
    now += ms;
  };
  return { clock: { now: () => now, after: () => 0, clear: () => {} }, pass };
}

describe("a time limit holds although its timer has not had its turn", () => {
  it("for a job that waits: it is not run", async () => {
    const { clock, pass } = blocked();
    const backend = fakeBackend();
    const predictor = await createPredictor({ backend, source: "m", clock });
    backend.hold(true);
    backend.runs.length = 0;
    const running = predictor.run({ x: [1] });
    await settle();
    const waiting = predictor.run({ x: [2] }, { timeoutMs: 20 });
    pass(60);
    backend.hold(false);
    backend.release();
    await running;
    await expect(waiting).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    expect(backend.runs).toHaveLength(1);
    expect(predictor.stats()).toMatchObject({ expired: 1, queued: 0, running: 0 });
  });

  it("for an answer that comes too late", async () => {
    const { clock, pass } = blocked();
    const compute = ({ x }: Tensors): Tensors => {
      pass(125);
      return { y: x as Tensor };
    };
    const backend = fakeBackend({ compute });
    const predictor = await createPredictor({ backend, source: "m", clock });
    await expect(predictor.run({ x: [2] }, { timeoutMs: 20 })).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  });
});

it("the time limit of a list counts for all its items from the call", async () => {
  const clock = new FakeClock();
  const backend = fakeBackend();
  const predictor = await createPredictor({ backend, source: "m", clock, queueLimit: 2 });
  backend.hold(true);
  const inputs = [1, 2, 3, 4].map((v) => ({ x: [v] }));
  const many = predictor.predictMany(inputs, { timeoutMs: 100 });
  await clock.advance(90);
  backend.release();
  await clock.advance(10);
  backend.runs.length = 0;
  const results = await many;
  expect(results.map((result) => (result.status === "fulfilled" ? "answered" : result.reason.code))).toEqual([
    "answered",
    ...Array(3).fill("DEADLINE_EXCEEDED"),
  ]);
  expect(backend.runs).toEqual([]);
});

describe("jobs of a failed batch", () => {
  it("keep their priority: one of higher priority goes before them", async () => {
    const clock = new FakeClock();
    const order: number[] = [];
    const backend = fakeBackend({
      compute: ({ x }) => {
        const values = Array.from(x?.data as Float32Array);
        order.push(...values);
        if (values.includes(13)) throw new Error("poison");
        return { y: x as never };
      },
    });
    const predictor = await createPredictor({ backend, source: "m", clock, batching: { maxBatchSize: 4 } });
    backend.hold(true);
    const low = [1, 13, 2].map((v) => predictor.run({ x: [v] }, { priority: "low" }));
    const settled = Promise.allSettled(low);
    await settle();
    order.length = 0;
    const high = predictor.run({ x: [99] }, { priority: "high" });
    backend.hold(false);
    backend.release();
    await high;
    expect((await settled).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(order).toEqual([1, 13, 2, 99, 1, 13, 2]);
  });
});
