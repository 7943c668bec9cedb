import { type RawInputs, tensor } from "@predikt/core";
import { contractModels } from "@predikt/core/testing";
import { describe, expect, it } from "vitest";
import { slow, slowToOpen } from "../../test/models.ts";
import { codeOf } from "../../test/program.ts";
import { createPredictor } from "./create-predictor.ts";
import type { Execution } from "./options.ts";

const { linear } = contractModels();
const work = (times: bigint): RawInputs => ({ x: tensor("float32", new Float32Array(256), [1, 256]), times: tensor("int64", times) });

it("an abort while a model is read is heeded before the runtime opens it, which cannot be stopped on the calling thread", async () => {
  const controller = new AbortController();
  const onProgress = ({ phase }: { phase: string }): void => {
    if (phase === "open") controller.abort("not now");
  };
  const options = { source: slowToOpen(), device: "cpu", execution: "inline", signal: controller.signal, onProgress } as const;
  expect(await codeOf(createPredictor(options))).toBe("not now");
});

describe.each(["inline", "worker", "process"] as Execution[])("aborts and ends, %s", (execution) => {
  it("an abort during load gives the caller's reason", async () => {
    const controller = new AbortController();
    const loading = codeOf(createPredictor({ source: slow(), device: "cpu", execution, warmup: false, signal: controller.signal }));
    controller.abort("not now");
    expect(await loading).toBe("not now");
  });

  if (execution !== "inline") runsThatLeaveTheLoopFree(execution);

  it("closing waits for the run under way, twice closed or not", async () => {
    const predictor = await createPredictor({ source: slow(), device: "cpu", execution, warmup: false });
    const running = predictor.run(work(1000n));
    const closing = [predictor.close(), predictor.close()];
    expect(await codeOf(predictor.run(work(1n)))).toBe("DRAINING");
    expect((await running)["y"]?.dims).toEqual([1, 256]);
    await Promise.all(closing);
    expect(await codeOf(predictor.run(work(1n)))).toBe("CLOSED");
  });

  it("every one of a storm of aborted predictions settles once, and the rest are right", async () => {
    const predictor = await createPredictor({
      source: linear,
      device: "cpu",
      execution,
      batching: { maxBatchSize: 64 },
      queueLimit: 20_000,
    });
    const count = execution === "process" ? 2_000 : 10_000;
    let settled = 0;
    const results = await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const controller = new AbortController();
        const answer = predictor.run({ x: [[i]] }, { signal: controller.signal }).finally(() => settled++);
        if (i % 3 === 0) queueMicrotask(() => controller.abort(i));
        else if (i % 3 === 1) setTimeout(() => controller.abort(i), i % 7);
        return answer.then(
          (outputs) => outputs["y"]?.data[0] === 2 * i + 1,
          (reason: unknown) => reason === i,
        );
      }),
    );
    expect(settled).toBe(count);
    expect(results.every(Boolean)).toBe(true);
    expect(predictor.stats()).toMatchObject({ queued: 0, requests: count });
    await predictor.close();
  });
});

/** A run inline keeps timers from firing; its answer is there before its time limit is noticed. */
function runsThatLeaveTheLoopFree(execution: Execution): void {
  it("an abort during a run gives the caller's reason at once, and the next run answers", async () => {
    const predictor = await createPredictor({ source: slow(), device: "cpu", execution, warmup: false });
    const controller = new AbortController();
    const running = codeOf(predictor.run(work(3000n), { signal: controller.signal }));
    setTimeout(() => controller.abort("too late"), 5);
    expect(await running).toBe("too late");
    expect((await predictor.run(work(1n)))["y"]?.dims).toEqual([1, 256]);
    await predictor.close();
  });

  it("a time limit is DEADLINE_EXCEEDED", async () => {
    const predictor = await createPredictor({ source: slow(), device: "cpu", execution, warmup: false });
    expect(await codeOf(predictor.run(work(3000n), { timeoutMs: 5 }))).toBe("DEADLINE_EXCEEDED");
    await predictor.close();
  });
}
