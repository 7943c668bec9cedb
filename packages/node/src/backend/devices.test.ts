import { tensor } from "@predikt/core";
import { contractModels } from "@predikt/core/testing";
import { describe, expect, it } from "vitest";
import { slow, wide } from "../../test/models.ts";
import { codeOf } from "../../test/program.ts";
import { cpuBudget, giveThreads, takeThreads } from "../worker/budget.ts";
import { createPredictor } from "./create-predictor.ts";
import { cudaProblem } from "./cuda.ts";
import { nodeBackend } from "./node-backend.ts";

const source = contractModels().linear;

describe("devices", () => {
  it("are tried in the order given, and each loss is told", async () => {
    const skipped: unknown[] = [];
    const predictor = await createPredictor({
      source,
      device: ["no-such-device", "wasm", "cpu"],
      onEvent: (event) => event.type === "device-skipped" && skipped.push(event.device),
    });
    expect(predictor.info.device).toBe("wasm");
    expect(predictor.info.skipped).toMatchObject([{ device: "no-such-device", reason: expect.stringContaining("not found") }]);
    expect(skipped).toEqual(["no-such-device"]);
    await predictor.close();
  });

  it("that cannot be opened are all named in the error", async () => {
    const error = await createPredictor({ source, device: ["no-such-device", "nor-this"] }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "BACKEND_UNAVAILABLE",
      details: { tried: [{ device: "no-such-device" }, { device: "nor-this" }] },
    });
  });

  it("auto takes the best there is and says why not another", async () => {
    const predictor = await createPredictor({ source });
    expect(predictor.info.device).toBe(cudaProblem() === undefined ? "cuda" : "cpu");
    expect(predictor.info.skipped.map(({ device }) => device)).toEqual(cudaProblem() === undefined ? [] : ["cuda"]);
    await predictor.close();
  });

  it.skipIf(cudaProblem() === undefined)(
    "cuda without its libraries says which is missing and how to get it (needs a machine without them)",
    async () => {
      const error = await createPredictor({ source, device: "cuda", cuda: { deviceId: 0, tf32: false } }).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({
        code: "BACKEND_UNAVAILABLE",
        message: expect.stringMatching(/onnxruntime_providers_cuda.*npm install/),
      });
    },
  );

  it("no list, or an empty one, is CONFIG_INVALID", async () => {
    expect(await codeOf(createPredictor({ source, device: [] }))).toBe("CONFIG_INVALID");
    expect(await codeOf(createPredictor({ source, device: 3 as never }))).toBe("CONFIG_INVALID");
  });
});

describe("execution", () => {
  it("auto goes inline for a tiny model and records what it measured", async () => {
    const events: unknown[] = [];
    const predictor = await createPredictor({
      source,
      device: "cpu",
      onEvent: (event) => event.type === "backend-reported" && events.push(event.event),
    });
    expect(predictor.info.execution).toBe("inline");
    expect(predictor.info.details["measuredRunMs"]).toBeGreaterThan(0);
    expect(events).toMatchObject([{ type: "execution-chosen", detail: { execution: "inline", reason: expect.any(String) } }]);
    await predictor.close();
  });

  it("auto stays in a worker where the model has loops: what the example costs says nothing", async () => {
    const example = { x: tensor("float32", new Float32Array(256), [1, 256]), times: tensor("int64", 0n) };
    const predictor = await createPredictor({ source: slow(), device: "cpu", example });
    expect(predictor.info).toMatchObject({ execution: "worker", details: { executionReason: expect.stringContaining("loops") } });
    await predictor.close();
  });

  it("auto leaves the calling thread where runs come to take long, and keeps answering", async () => {
    const chosen: unknown[] = [];
    const predictor = await createPredictor({
      source: wide(),
      device: "cpu",
      example: { x: tensor("float32", new Float32Array(256), [1, 256]) },
      onEvent: ({ type, ...rest }) => type === "backend-reported" && chosen.push(rest),
    });
    expect(predictor.info.execution).toBe("inline");
    const rows = 20_000;
    const x = tensor("float32", new Float32Array(rows * 256).fill(2), [rows, 256]);
    while (predictor.info.execution === "inline") expect((await predictor.run({ x }))["y"]?.data[0]).toBeCloseTo(2);
    expect(predictor.info).toMatchObject({ execution: "worker", details: { executionReason: expect.stringContaining("too long") } });
    expect((await predictor.run({ x }))["y"]?.data[0]).toBeCloseTo(2);
    await predictor.close();
    expect(chosen).toMatchObject([{ event: { detail: { execution: "inline" } } }, { event: { detail: { execution: "worker" } } }]);
  });

  it("auto that is closed while it moves closes both places", async () => {
    const session = await nodeBackend().open({ source: wide(), device: "cpu" });
    await session.calibrate?.({ x: tensor("float32", new Float32Array(256), [1, 256]) });
    expect(session.execution).toBe("inline");
    const x = tensor("float32", new Float32Array(60_000 * 256), [60_000, 256]);
    for (let i = 0; i < 2; i++) await session.run({ x });
    await session.close();
    // All threads are back, those of the worker that was being opened too.
    expect(takeThreads(cpuBudget())).toBe(true);
    giveThreads(cpuBudget());
  });

  it("wasm with other threads than it runs with already on this thread is refused aloud; a worker has its own", async () => {
    const load = (execution: "inline" | "worker", threads: number) => createPredictor({ source, device: "wasm", execution, threads });
    const one = await load("inline", 1);
    const budget = cpuBudget();
    if (budget > 1) await expect(load("inline", 2)).rejects.toMatchObject({ code: "CONFIG_INVALID", details: { path: "threads" } });
    const other = await load("worker", 2);
    expect(other.info.details["threads"]).toBe(Math.min(2, budget));
    expect((await other.run({ x: [[3]] }))["y"]?.data[0]).toBe(7);
    await Promise.all([one.close(), other.close()]);
  });

  it("options that contradict each other are CONFIG_INVALID", async () => {
    const load = (options: object): Promise<unknown> => codeOf(createPredictor({ source, device: "cpu", ...options }));
    expect(await load({ execution: "worker", maxRunMs: 100 })).toBe("CONFIG_INVALID");
    expect(await load({ execution: "inline", maxRunMs: 100 })).toBe("CONFIG_INVALID");
    expect(await load({ execution: "worker", device: "wasm", maxRssBytes: 1e9 })).toBe("CONFIG_INVALID");
    expect(await load({ execution: "worker", maxOpenMs: 100 })).toBe("CONFIG_INVALID");
  });

  it("several WebAssembly sessions on one thread do not spoil each other's state", async () => {
    for (let round = 0; round < 10; round++) {
      const load = () => createPredictor({ source, device: "wasm", execution: "inline" });
      const predictors = await Promise.all([load(), load(), load()]);
      const runs = predictors.flatMap((predictor) => [1, 2, 3].map((x) => predictor.run({ x: [[x]] })));
      expect((await Promise.all(runs)).map(({ y }) => y?.data[0])).toEqual([3, 5, 7, 3, 5, 7, 3, 5, 7]);
      await Promise.all(predictors.map((predictor) => predictor.close()));
    }
  });
});
