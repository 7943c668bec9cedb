import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createPredictor as createCore, type Predictor, type PredictorEvent, type RawInputs, tensor } from "@predikt/core";
import { contractModels } from "@predikt/core/testing";
import { afterEach, describe, expect, it } from "vitest";
import { slow, slowToOpen } from "../../test/models.ts";
import { codeOf, start, writeModelFile } from "../../test/program.ts";
import { createPredictor, type NodePredictorOptions } from "../backend/create-predictor.ts";
import { backendWith, nodeBackend } from "../backend/node-backend.ts";

const { linear } = contractModels();
const open: Predictor[] = [];
const reports: (PredictorEvent & { type: "backend-reported" })["event"][] = [];
const onEvent = (event: PredictorEvent): void => {
  if (event.type === "backend-reported") reports.push(event.event);
};

afterEach(async () => {
  await Promise.all(open.splice(0).map((predictor) => predictor.close()));
  reports.length = 0;
});

async function load(options: Omit<NodePredictorOptions, "source"> & { readonly source?: Uint8Array }): Promise<Predictor> {
  const predictor = await createPredictor({ source: linear, device: "cpu", onEvent, ...options });
  open.push(predictor);
  return predictor;
}

const work = (times: bigint): RawInputs => ({ x: tensor("float32", new Float32Array(256), [1, 256]), times: tensor("int64", times) });
const endless = 2n ** 62n;

describe("a child process", () => {
  it("that is killed in mid-run fails that run with BACKEND_LOST and is replaced", async () => {
    const predictor = await load({ source: slow(), execution: "process", warmup: false });
    const [pid] = predictor.info.details["pids"] as number[];
    const lost = codeOf(predictor.run(work(endless)));
    await predictor.run(work(1n), { signal: AbortSignal.abort("not this one") }).catch(() => {});
    process.kill(pid as number, "SIGKILL");
    expect(await lost).toBe("BACKEND_LOST");
    expect((await predictor.run(work(1n)))["y"]?.dims).toEqual([1, 256]);
    expect(reports.map(({ type }) => type)).toEqual(["worker-lost", "worker-replaced"]);
    expect(predictor.info.details["pids"]).not.toContain(pid);
  });

  it("that dies while it is idle costs no request", async () => {
    const predictor = await load({ execution: "process" });
    const [pid] = predictor.info.details["pids"] as number[];
    const replaced = new Promise((resolve) =>
      predictor.on("backend-reported", ({ event }) => event.type === "worker-replaced" && resolve(event)),
    );
    process.kill(pid as number, "SIGKILL");
    await replaced;
    expect((await predictor.run({ x: [[3]] }))["y"]?.data[0]).toBe(7);
  });

  it("is killed past maxRunMs, and the next request works", async () => {
    const predictor = await load({ source: slow(), maxRunMs: 300, warmup: false });
    expect(predictor.info.execution).toBe("process");
    const startedAt = performance.now();
    const error = await predictor.run(work(endless)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED", details: { maxRunMs: 300 } });
    expect(performance.now() - startedAt).toBeLessThan(1300);
    expect((await predictor.run(work(1n)))["y"]?.dims).toEqual([1, 256]);
  });

  it("runs a lost job once more where that was asked for", async () => {
    const predictor = await load({ source: slow(), execution: "process", warmup: false, retryLost: true });
    const [pid] = predictor.info.details["pids"] as number[];
    const answer = predictor.run(work(3000n));
    await new Promise((resolve) => setImmediate(resolve));
    process.kill(pid as number, "SIGKILL");
    expect((await answer)["y"]?.dims).toEqual([1, 256]);
  });

  it("ends by itself when its parent has been killed, even inside a run", async () => {
    const parent = start("orphan", writeModelFile(slow()));
    const pid = Number((await parent.printed(/\d+\n/)).trim());
    parent.child.kill("SIGKILL");
    await parent.ended;
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
  });
});

describe.each([
  ["cpu", "process"],
  ["wasm", "worker"],
] as const)("what can be killed (%s, %s)", (device, execution) => {
  it("stops a run that nobody waits for any more, and the next run answers", async () => {
    const predictor = await load({ source: slow(), device, execution, warmup: false, maxWorkers: 1 });
    expect(await codeOf(predictor.run(work(endless), { timeoutMs: 50 }))).toBe("DEADLINE_EXCEEDED");
    expect((await predictor.run(work(1n)))["y"]?.dims).toEqual([1, 256]);
    expect(reports).toMatchObject([
      { type: "worker-lost", detail: { reason: expect.stringContaining("nobody waits") } },
      { type: "worker-replaced" },
    ]);
  });

  it("lets a run that ends soon after it was given up end", async () => {
    const predictor = await load({ source: slow(), device, execution, warmup: false, maxWorkers: 1 });
    const controller = new AbortController();
    const given = codeOf(predictor.run(work(20n), { signal: controller.signal }));
    queueMicrotask(() => controller.abort("enough"));
    expect(await given).toBe("enough");
    expect((await predictor.run(work(1n)))["y"]?.dims).toEqual([1, 256]);
    expect(reports).toEqual([]);
  });

  it("closes at once where nobody waits for its run", async () => {
    const predictor = await load({ source: slow(), device, execution, warmup: false });
    expect(await codeOf(predictor.run(work(endless), { timeoutMs: 50 }))).toBe("DEADLINE_EXCEEDED");
    await predictor.close();
    expect(reports).toEqual([]);
  });

  it("stops opening a model past maxOpenMs", async () => {
    const limits = { maxTensorBytes: 2 ** 40 };
    const error = await load({ source: slowToOpen(), device, execution, maxOpenMs: 500, limits }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED", details: { maxOpenMs: 500 } });
  });

  it("stops opening a model on abort: nothing keeps the process alive", async () => {
    const { code, stdout, stderr } = await start("abort-in-mid-open", writeModelFile(slowToOpen()), device, execution).ended;
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "enough\n", stderr: "" });
  });
});

describe("a worker thread", () => {
  for (const [name, value] of [
    ["throws", 666],
    ["exits by itself", 667],
  ] as const) {
    it(`that ${name} fails its run with BACKEND_LOST and is replaced`, async () => {
      const backend = backendWith(new URL("../../test/programs/dying-worker.mjs", import.meta.url));
      const predictor = await createCore({ source: linear, backend, device: "cpu", execution: "worker", onEvent });
      expect(await codeOf(predictor.run({ x: [[value]] }))).toBe("BACKEND_LOST");
      expect((await predictor.run({ x: [[3]] }))["y"]?.data[0]).toBe(7);
      expect(reports.map(({ type }) => type)).toEqual(["worker-lost", "worker-replaced"]);
      await predictor.close();
    });
  }

  it("with wasm can be killed past maxRunMs", async () => {
    const predictor = await load({ source: slow(), device: "wasm", execution: "worker", maxRunMs: 300, warmup: false });
    expect(await codeOf(predictor.run(work(endless)))).toBe("DEADLINE_EXCEEDED");
    expect((await predictor.run(work(1n)))["y"]?.dims).toEqual([1, 256]);
  });

  it("leaves the exit code of a process that exits in mid-run as it is", async () => {
    const { code, signal, stderr } = await start("exit-in-mid-run", writeModelFile(slow())).ended;
    expect({ code, signal, stderr }).toEqual({ code: 7, signal: null, stderr: "" });
  });

  it("with wasm does not hold up a process that exits in mid-run", { timeout: 8000 }, async () => {
    const { code, signal, stderr } = await start("exit-in-mid-run", writeModelFile(slow()), "wasm", String(endless)).ended;
    expect({ code, signal, stderr }).toEqual({ code: 7, signal: null, stderr: "" });
  });

  it("refuses a buffer that was handed over before, and goes on", async () => {
    const session = await nodeBackend().open({ source: linear, device: "cpu", execution: "worker" });
    const x = tensor("float32", new Float32Array(2000).fill(3), [2000, 1]);
    const [first, second] = await Promise.allSettled([1, 2].map(() => session.run({ x }, { transfer: true })));
    expect(first).toMatchObject({ value: { y: { dims: [2000, 1] } } });
    expect(second).toMatchObject({ reason: { code: "INPUT_VALUE", details: { issues: [{ path: "x" }] } } });
    expect((await session.run({ x: tensor("float32", [3], [1, 1]) }))["y"]?.data[0]).toBe(7);
    await session.close();
  });
});

describe("a process that uses predictors", () => {
  it("ends by itself, with nothing closed", async () => {
    const { code, stdout, stderr } = await start("leave-open", writeModelFile(linear)).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe("inline 7\nworker 7\nprocess 7\n");
  });

  it("ends by itself after ten thousand predictions, half of them aborted", async () => {
    expect(await start("ends-by-itself", "storm", writeModelFile(linear)).ended).toMatchObject({
      code: 0,
      stdout: "10000\n",
      stderr: "",
    });
  });

  it("ends by itself after a worker was lost", async () => {
    expect(await start("ends-by-itself", "lost", writeModelFile(linear)).ended).toMatchObject({ code: 0, stdout: "worker-lost\n" });
  });

  it("ends by itself after a download that it refused", async () => {
    const server = createServer((_req, res) => void res.writeHead(200, { "content-length": 1e8 }).write("begun"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.onnx`;
    expect(await start("ends-by-itself", "refused", "", url).ended).toMatchObject({ code: 0, stdout: "MODEL_REFUSED\n", stderr: "" });
    server.close();
  });

  for (const execution of ["worker", "process"]) {
    it(`answers its run before it closes on SIGTERM (${execution})`, async () => {
      const program = start("drain-on-sigterm", writeModelFile(slow()), execution);
      await program.printed("running");
      program.child.kill("SIGTERM");
      expect(await program.ended).toEqual({ code: 0, signal: null, stdout: "running\nanswered 1,256\nclosed\n", stderr: "" });
    });
  }
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
