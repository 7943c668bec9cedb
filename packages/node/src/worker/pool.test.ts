import { type PredictorEvent, type RawInputs, tensor } from "@predikt/core";
import { contractModels } from "@predikt/core/testing";
import { describe, expect, it } from "vitest";
import { allocator, slow } from "../../test/models.ts";
import { codeOf } from "../../test/program.ts";
import { createPredictor } from "../backend/create-predictor.ts";
import { cpuBudget, giveThreads, takeThreads } from "./budget.ts";

const { linear } = contractModels();
const work = (times: bigint): RawInputs => ({ x: tensor("float32", new Float32Array(256), [1, 256]), times: tensor("int64", times) });

describe("the pool", () => {
  it.skipIf(cpuBudget() < 2)("grows while jobs wait, within the CPU budget, and not without need (needs two cores)", async () => {
    const events: PredictorEvent[] = [];
    const predictor = await createPredictor({
      source: slow(),
      device: "cpu",
      execution: "worker",
      warmup: false,
      onEvent: (event) => events.push(event),
    });
    await predictor.run(work(1n));
    expect(predictor.info.details["workers"]).toBe(1);
    await Promise.all(Array.from({ length: 12 }, () => predictor.run(work(4000n))));
    expect(predictor.info.details["workers"]).toBe(Math.min(cpuBudget(), predictor.info.details["maxWorkers"] as number));
    await predictor.close();
    const added = events.filter((event) => event.type === "backend-reported" && event.event.type === "worker-added");
    expect(added).toHaveLength(cpuBudget() - 1);
  });

  it.skipIf(cpuBudget() < 2)("grows once others have given threads back (needs two cores)", async () => {
    const predictor = await createPredictor({ source: slow(), device: "cpu", execution: "worker", warmup: false });
    const press = (): Promise<unknown> => Promise.all(Array.from({ length: 12 }, () => predictor.run(work(4000n))));
    takeThreads(cpuBudget(), "anyway");
    await press();
    expect(predictor.info.details["workers"]).toBe(1);
    giveThreads(cpuBudget());
    await press();
    expect(predictor.info.details["workers"]).toBeGreaterThan(1);
    await predictor.close();
  });

  it("of a second predictor gets the threads that the first has left, and one at least", async () => {
    const load = () => createPredictor({ source: linear, device: "cpu", execution: "worker", threads: cpuBudget() });
    const first = await load();
    const second = await load();
    expect([first, second].map(({ info }) => info.details["threads"])).toEqual([cpuBudget(), 1]);
    await Promise.all([first.close(), second.close()]);
    const third = await load();
    expect(third.info.details["threads"]).toBe(cpuBudget());
    await third.close();
  });

  it("stays at maxWorkers", async () => {
    const predictor = await createPredictor({ source: slow(), device: "cpu", execution: "worker", warmup: false, maxWorkers: 1 });
    await Promise.all(Array.from({ length: 6 }, () => predictor.run(work(2000n))));
    expect(predictor.info.details["workers"]).toBe(1);
    await predictor.close();
  });

  it("keeps the event loop turning while a run is under way", async () => {
    const predictor = await createPredictor({ source: slow(), device: "cpu", execution: "worker", warmup: false });
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await predictor.run(work(10_000n));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
    await predictor.close();
  });

  it("limits threads to the CPU budget and says so", async () => {
    const limited: unknown[] = [];
    const predictor = await createPredictor({
      source: linear,
      device: "cpu",
      execution: "worker",
      threads: 999,
      onEvent: (event) => event.type === "backend-reported" && limited.push(event.event),
    });
    expect(limited).toEqual([{ type: "threads-limited", detail: { asked: 999, given: cpuBudget() } }]);
    expect(predictor.info.details["threads"]).toBe(cpuBudget());
    await predictor.close();
  });
});

describe("maxRssBytes", () => {
  it("kills a run that takes more memory, and the next request works", async () => {
    const predictor = await createPredictor({ source: allocator(), device: "cpu", maxRssBytes: 600 * 2 ** 20, warmup: false });
    expect(predictor.info.execution).toBe("process");
    expect(await codeOf(predictor.run({ n: [400_000_000] }))).toBe("BACKEND_MEMORY");
    expect((await predictor.run({ n: [10] }))["sum"]?.data[0]).toBe(0);
    await predictor.close();
  });
});
