import { describe, expect, it } from "vitest";
import { createPredictor } from "../predictor/create-predictor.ts";
import { tensor } from "../tensor/index.ts";
import { type FakeBackendOptions, fakeBackend, settle } from "../testing/index.ts";
import type { Tensors } from "../types/index.ts";

const x = (...values: number[]): { x: ReturnType<typeof tensor<"float32">> } => ({ x: tensor("float32", values, [values.length, 1]) });
const values = (outputs: Tensors): number[] => Array.from(outputs["y"]?.data as Float32Array);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

async function load(options: FakeBackendOptions = {}, more: object = {}) {
  const backend = fakeBackend(options);
  const predictor = await createPredictor({ backend, source: "m", batching: { maxBatchSize: 4 }, ...more });
  backend.runs.length = 0;
  const sizes = (): number[] => backend.runs.map((run) => run.feeds["x"]?.dims[0] as number);
  return { backend, predictor, sizes };
}

describe("a request of more rows than a run may carry", () => {
  it("takes one place in the queue, however many runs it needs", async () => {
    const { backend, predictor } = await load({}, { queueLimit: 1 });
    backend.hold(true);
    const running = predictor.run(x(7));
    await settle();
    const large = predictor.run(x(...upTo(4000)));
    await expect(predictor.run(x(8))).rejects.toMatchObject({ code: "QUEUE_FULL" });
    expect(predictor.stats()).toMatchObject({ queued: 1, running: 1 });
    backend.hold(false);
    backend.release();
    expect(values(await large)).toEqual(upTo(4000).map((v) => 2 * v));
    await running;
    expect(predictor.stats()).toMatchObject({ queued: 0, running: 0, succeeded: 2 });
  });

  it("fills up a batch that smaller ones have begun, and shares its last run", async () => {
    const { backend, predictor, sizes } = await load();
    backend.hold(true);
    const calls = [predictor.run(x(0))];
    await settle();
    calls.push(predictor.run(x(1)), predictor.run(x(...upTo(6))), predictor.run(x(2)));
    backend.hold(false);
    backend.release();
    expect((await Promise.all(calls)).map(values)).toEqual([[0], [2], upTo(6).map((v) => 2 * v), [4]]);
    expect(sizes()).toEqual([1, 4, 4]);
  });

  it("abandons the run under way, and starts no other, when its caller goes", async () => {
    const { backend, predictor, sizes } = await load();
    backend.hold(true);
    const controller = new AbortController();
    const call = predictor.run(x(...upTo(10)), { signal: controller.signal });
    await settle();
    controller.abort(new Error("gone"));
    await expect(call).rejects.toThrow("gone");
    expect(backend.runs[0]?.options?.abandoned?.aborted).toBe(true);
    backend.hold(false);
    backend.release();
    expect(values(await predictor.run(x(3)))).toEqual([6]);
    expect(sizes()).toEqual([4, 1]);
    expect(predictor.stats()).toMatchObject({ queued: 0, running: 0, aborted: 1 });
  });

  it("fails once where a part fails, and leaves the others alone", async () => {
    const compute = ({ x: input }: Tensors): Tensors => {
      const data = input?.data as Float32Array;
      if (data.includes(13)) throw new Error("poison");
      return { y: { type: "float32", data: data.map((v) => 2 * v), dims: input?.dims ?? [] } };
    };
    const { predictor } = await load({ compute });
    const [large, small] = await Promise.allSettled([predictor.run(x(...upTo(20))), predictor.run(x(1))]);
    expect(large).toMatchObject({ status: "rejected", reason: { code: "BACKEND_RUN" } });
    expect(small.status === "fulfilled" && values(small.value)).toEqual([2]);
    expect(predictor.stats()).toMatchObject({ queued: 0, running: 0, failed: 1, succeeded: 1 });
  });

  it("fails where its rows were taken away while it waited, and holds up nobody", async () => {
    const { backend, predictor } = await load();
    backend.hold(true);
    const running = predictor.run(x(1));
    await settle();
    const data = new Float32Array(8);
    const large = predictor.run({ x: { type: "float32", data, dims: [8, 1] } }, { transfer: true });
    const next = predictor.run(x(2));
    structuredClone(data.buffer, { transfer: [data.buffer] });
    backend.hold(false);
    backend.release();
    expect((await Promise.all([running, next])).map(values)).toEqual([[2], [4]]);
    await expect(large).rejects.toBeDefined();
    expect(predictor.stats()).toMatchObject({ queued: 0, running: 0 });
  });

  it.each([
    ["no rows", { y: { type: "float32", data: new Float32Array(1), dims: [] } }],
    ["one row too few", { y: { type: "float32", data: new Float32Array(3), dims: [3, 1] } }],
    ["no tensors at all", { y: undefined }],
    ["another dtype in one part", { y: { type: "float64", data: new Float64Array(4), dims: [4, 1] } }],
    ["another shape in one part", { y: { type: "float32", data: new Float32Array(8), dims: [4, 2] } }],
  ])("settles where the outputs have %s", async (_what, outputs) => {
    const { predictor } = await load({ compute: ({ x: input }) => (input?.data[0] === 4 ? outputs : { y: input }) as Tensors });
    await expect(predictor.run(x(...upTo(8)))).rejects.toMatchObject({ code: "BACKEND_RUN" });
    const together = await Promise.allSettled(upTo(4).map((v) => predictor.run(x(v))));
    for (const { status } of together) expect(status).toMatch(/fulfilled|rejected/);
    expect(predictor.stats()).toMatchObject({ queued: 0, running: 0 });
  });
});
