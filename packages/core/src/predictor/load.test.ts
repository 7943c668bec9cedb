import { describe, expect, it } from "vitest";
import { BackendError } from "../errors/index.ts";
import { fakeBackend, settle } from "../testing/index.ts";
import type { PredictorEvent } from "../types/index.ts";
import { createPredictor } from "./create-predictor.ts";

const one = (dtype: "float32" | "string", shape: readonly (number | string)[], unranked?: true) => ({
  inputs: [{ name: "x", dtype, shape, ...(unranked === undefined ? {} : { unranked }) }],
  outputs: [{ name: "y", dtype: "float32" as const, shape: ["n"] }],
});
const fails = () => {
  throw new BackendError("BACKEND_RUN", "indices out of range");
};

describe("warming up", () => {
  it("tells of an example that it made up itself and the model refuses, and loads all the same", async () => {
    const events: PredictorEvent[] = [];
    const backend = fakeBackend({ compute: fails });
    const predictor = await createPredictor({ backend, source: "m", batching: "auto", onEvent: (event) => events.push(event) });
    expect(events).toContainEqual({ type: "warmup-skipped", reason: "indices out of range" });
    expect(predictor.info.batching).toMatchObject({ enabled: false, reason: expect.stringContaining("no example") });
    await expect(createPredictor({ backend, source: "m", batching: true })).rejects.toMatchObject({ code: "BATCH_UNSAFE" });
  });

  it("fails with an example that was given and the model refuses", async () => {
    const backend = fakeBackend({ compute: fails });
    await expect(createPredictor({ backend, source: "m", example: { x: [1] } })).rejects.toMatchObject({ code: "BACKEND_RUN" });
    expect(backend.openSessions()).toBe(0);
  });

  it("makes nothing up for a model of unknown rank, or of more than 64 MiB", async () => {
    for (const signature of [one("float32", [], true), one("float32", [1, 2 ** 45]), one("float32", ["n", "m"])]) {
      const backend = fakeBackend({ signature });
      await createPredictor({ backend, source: "m" });
      expect(backend.runs).toEqual([]);
    }
  });

  it("runs nothing where it is not wanted", async () => {
    const backend = fakeBackend();
    await createPredictor({ backend, source: "m", warmup: false });
    expect(backend.runs).toEqual([]);
  });

  it("ends when it is aborted, whatever runs, and tells the backend", async () => {
    const backend = fakeBackend({ held: true });
    const controller = new AbortController();
    const loading = createPredictor({ backend, source: "m", signal: controller.signal });
    await settle();
    expect(backend.runs).toHaveLength(1);
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(loading).rejects.toBe(reason);
    expect(backend.runs[0]?.options?.abandoned?.aborted).toBe(true);
    backend.release();
    await settle();
    expect(backend.openSessions()).toBe(0);
  });
});

describe("options", () => {
  it.each([
    ["batching", { batching: "on" }],
    ["batching", { batching: null }],
    ["batching.maxBatch", { batching: { maxBatch: 4 } }],
    ["batching.maxBatchSize", { batching: { maxBatchSize: 1.5 } }],
    ["batching.maxDelayMs", { batching: { maxDelayMs: -1 } }],
    ["nonFinite", { nonFinite: "reject" }],
    ["name", { name: "a/b" }],
    ["version", { version: ".." }],
    ["queueLimit", { queueLimit: Number.NaN }],
    ["timeoutMs", { timeoutMs: 0 }],
    ["timeoutMs", { timeoutMs: "20" }],
  ])("%s is refused as %j", async (path, options) => {
    const loading = createPredictor({ backend: fakeBackend(), source: "m", ...(options as object) });
    await expect(loading).rejects.toMatchObject({ code: "CONFIG_INVALID", details: { path } });
  });

  it("takes name and version of the file only where they can stand in a URL", async () => {
    const load = async (metadata: Record<string, string>) => {
      const { info } = await createPredictor({ backend: fakeBackend({ metadata }), source: "m" });
      return [info.name, info.version];
    };
    expect(await load({ name: "line", version: "2.1" })).toEqual(["line", "2.1"]);
    expect(await load({ name: "a/b", version: "" })).toEqual(["model", "1"]);
  });
});
