import { contractModels } from "@predikt/core/testing";
import { afterEach, describe, expect, it } from "vitest";
import { chromiumPath, noGpu, softwareGpu, type Visit, visit } from "./chromium.ts";
import { allocating, counting } from "./models.ts";
import type { SiteOptions } from "./site.ts";

const models = {
  "/linear.onnx": contractModels().linear,
  "/counting.onnx": counting(),
  "/allocating.onnx": allocating(),
};
/** A worker of the application's, in which something of the platform is broken before the SDK's own script runs. */
const worker = (patch: string): NonNullable<SiteOptions["files"]> => ({
  "/patch.js": patch,
  "/worker.js": `import "./patch.js"; import "/packages/web/dist/worker.js";`,
});
const factory = `worker: { hangTimeoutMs: 1500, factory: () => new Worker("/worker.js", { type: "module" }) }`;
const endless = "{ n: 1_000_000_000_000, x: [0] }";
const soon = "{ n: 3, x: [0] }";

describe.skipIf(chromiumPath === undefined)("in Chromium (needs it: scripts/tools)", () => {
  let visited: Visit | undefined;
  afterEach(async () => {
    await visited?.close();
    visited = undefined;
  });
  /** Runs a script in a page, with the tools by name. */
  const inPage = async <T>(flags: readonly string[], options: SiteOptions, script: string): Promise<T> => {
    visited = await visit(flags, { ...options, files: { ...models, ...options.files } });
    return visited.page.evaluate<T>(
      `import("/tests/browser/pages/tools.mjs").then(async ({ open, outcome, numbers, until, webBackend, createPredictor }) => { ${script} })`,
    );
  };

  describe("a run that hangs", () => {
    it("is ended and tried once more, fails, and leaves the next call, the page and its neighbours unharmed", async () => {
      const result = await inPage<Record<string, unknown>>(
        noGpu,
        {},
        `const backend = webBackend();
         const options = { source: "/counting.onnx", device: "wasm", worker: { hangTimeoutMs: 1500 }, example: { n: 1n, x: [0] } };
         const { predictor, events } = await open(options, backend);
         const other = await open({ source: "/linear.onnx", device: "wasm", worker: { hangTimeoutMs: 1500 } }, backend);
         let ticks = 0; const ticking = setInterval(() => ticks++, 10);
         const startedAt = performance.now();
         const hanging = outcome(predictor.run(${endless}));
         const neighbour = outcome(other.predictor.run({ x: [[3]] }));
         const { error } = await hanging;
         const tookMs = performance.now() - startedAt;
         clearInterval(ticking);
         const after = numbers(await predictor.run(${soon}), "y");
         const theirs = numbers((await neighbour).value, "y");
         const busy = predictor.info;
         await predictor.close(); await other.predictor.close();
         return { error, after, theirs, ticks, tookMs, events: events.map(({ type }) => type).filter((type) => type.startsWith("worker")) };`,
      );
      expect(result).toMatchObject({
        error: { code: "BACKEND_LOST", message: expect.stringMatching(/no answer for 1500 ms/) },
        after: [3],
        theirs: [7],
        events: ["worker-lost", "worker-replaced", "worker-lost", "worker-replaced"],
      });
      // The page's thread went on: it would have ticked a few times at most.
      expect(result["ticks"] as number).toBeGreaterThan((result["tookMs"] as number) / 40);
    });

    it("three times opens the circuit: further calls are refused at once, and told when to come again", async () => {
      const { first, second, third, events } = await inPage<Record<string, { error: { code: string; details: Record<string, unknown> } }>>(
        noGpu,
        {},
        `const { predictor, events } = await open({ source: "/counting.onnx", device: "wasm", worker: { hangTimeoutMs: 500 }, example: { n: 1n, x: [0] } });
         const first = await outcome(predictor.run(${endless}));
         const second = await outcome(predictor.run(${endless}));
         const third = await outcome(predictor.run(${soon}));
         return { first, second, third, events: events.map(({ type }) => type) };`,
      );
      expect(first?.error.code).toBe("BACKEND_LOST");
      expect(second?.error.code).toBe("BACKEND_LOST");
      expect(third?.error).toMatchObject({ code: "BACKEND_LOST", details: { losses: 3 } });
      expect(third?.error.details["retryAfterMs"]).toBeGreaterThan(20_000);
      expect(events).toContain("circuit-opened");
    });
  });

  it("a run that takes all memory fails with BACKEND_MEMORY, and the next one has a new worker", async () => {
    const { error, after } = await inPage<{ error: { code: string }; after: number[] }>(
      noGpu,
      {},
      `const { predictor } = await open({ source: "/allocating.onnx", device: "wasm" });
       const { error } = await outcome(predictor.run({ n: [500_000_000] }));
       const after = numbers(await predictor.run({ n: [3] }), "sum");
       return { error, after };`,
    );
    expect(error).toMatchObject({ code: "BACKEND_MEMORY" });
    expect(after).toEqual([0]);
  });

  it("a GPU that is lost is asked for anew, and nobody notices but those who listen", async () => {
    const patch = `
      const original = GPUAdapter.prototype.requestDevice;
      GPUAdapter.prototype.requestDevice = async function (...args) {
        const device = await original.apply(this, args);
        const channel = new BroadcastChannel("gpu");
        channel.onmessage = () => {
          device.lost.then(() => channel.postMessage("lost"));
          device.destroy();
        };
        return device;
      };`;
    const result = await inPage<Record<string, unknown>>(
      softwareGpu,
      { files: worker(patch) },
      `const { predictor, events } = await open({ source: "/linear.onnx", device: "webgpu", ${factory} });
       const before = numbers(await predictor.run({ x: [[3]] }), "y");
       const channel = new BroadcastChannel("gpu");
       const lost = new Promise((resolve) => channel.addEventListener("message", resolve, { once: true }));
       channel.postMessage("break");
       await lost;
       const after = numbers(await predictor.run({ x: [[4]] }), "y");
       const { device } = predictor.info;
       await predictor.close();
       return { before, after, device, events: events.map(({ type }) => type).filter((type) => type.startsWith("worker")) };`,
    );
    expect(result).toEqual({ before: [7], after: [9], device: "webgpu", events: ["worker-replaced"] });
  });

  it("a GPU that never answers is given up for WebAssembly, with its reason and an event", async () => {
    const patch = `
      let broken = false;
      const channel = new BroadcastChannel("gpu");
      channel.onmessage = () => {
        broken = true;
        channel.postMessage("broken");
      };
      const original = GPUBuffer.prototype.mapAsync;
      GPUBuffer.prototype.mapAsync = function (...args) { return broken ? new Promise(() => {}) : original.apply(this, args); };`;
    const result = await inPage<Record<string, unknown>>(
      softwareGpu,
      { files: worker(patch) },
      `const { predictor, events } = await open({ source: "/linear.onnx", device: ["webgpu", "wasm"], worker: { hangTimeoutMs: 700, factory: () => {
         const made = new Worker("/worker.js", { type: "module" });
         // Every worker that is started from now on is broken too.
         if (window.broken) made.addEventListener("message", () => new BroadcastChannel("gpu").postMessage("break"), { once: true });
         return made;
       } } });
       const { device: before } = predictor.info;
       window.broken = true;
       const channel = new BroadcastChannel("gpu");
       const broken = new Promise((resolve) => channel.addEventListener("message", resolve, { once: true }));
       channel.postMessage("break");
       await broken;
       const y = numbers(await predictor.run({ x: [[4]] }), "y");
       const { device, skipped } = predictor.info;
       await predictor.close();
       return { before, y, device, skipped, events: events.map(({ type }) => type).filter((type) => /worker|device/.test(type)) };`,
    );
    expect(result).toMatchObject({
      before: "webgpu",
      y: [9],
      device: "wasm",
      skipped: [{ device: "webgpu", reason: expect.stringContaining("no answer") }],
      events: ["worker-lost", "worker-replaced", "worker-lost", "worker-replaced", "device-changed"],
    });
  });

  describe("a runtime file", () => {
    const wasm = "/packages/web/dist/ort/ort-wasm-simd-threaded.wasm";
    it("that is missing is an error which names it and the cure; once it is there, the next attempt succeeds", async () => {
      let isThere = false;
      const { first, second } = await inPage<{ first: { error: { code: string; message: string } }; second: number[] }>(
        noGpu,
        {
          files: {
            "/there": (_req, res) => {
              isThere = true;
              res.end();
            },
            "/copy/worker.js": (_req, res) => res.writeHead(302, { location: "/packages/web/dist/worker.js" }).end(),
            "/copy/ort/ort-wasm-simd-threaded.mjs": (_req, res) => res.writeHead(302, { location: wasm.replace(/wasm$/, "mjs") }).end(),
            "/copy/ort/ort-wasm-simd-threaded.wasm": (_req, res) =>
              isThere ? res.writeHead(302, { location: wasm }).end() : res.writeHead(404).end("no such file"),
          },
        },
        `const options = { source: "/linear.onnx", device: "wasm", assets: { base: "/copy" } };
         const first = await outcome(createPredictor(options));
         await fetch("/there");
         const predictor = await createPredictor(options);
         return { first, second: numbers(await predictor.run({ x: [[3]] }), "y") };`,
      );
      expect(first.error.code).toBe("BACKEND_MISSING");
      expect(first.error.message).toMatch(/\/copy\/ort\/ort-wasm-simd-threaded\.wasm answers with status 404: .*assets\.base/);
      expect(second).toEqual([7]);
    });

    it("that is an HTML page is told as one", async () => {
      const { error } = await inPage<{ error: { code: string; message: string } }>(
        noGpu,
        {
          files: {
            "/spa/worker.js": (_req, res) => res.writeHead(302, { location: "/packages/web/dist/worker.js" }).end(),
            "/spa/ort/ort-wasm-simd-threaded.mjs": (_req, res) => res.writeHead(302, { location: wasm.replace(/wasm$/, "mjs") }).end(),
            "/spa/ort/ort-wasm-simd-threaded.wasm": (_req, res) => res.setHeader("content-type", "text/html").end("<!doctype html>"),
          },
        },
        `return outcome(createPredictor({ source: "/linear.onnx", device: "wasm", assets: { base: "/spa/" } }));`,
      );
      expect(error.code).toBe("BACKEND_MISSING");
      expect(error.message).toMatch(/is an HTML page: the server answers unknown paths with its index page/);
    });

    it("of the worker that is missing is told too", async () => {
      const { error } = await inPage<{ error: { code: string; message: string } }>(
        noGpu,
        {},
        `return outcome(createPredictor({ source: "/linear.onnx", assets: { base: "/nowhere/" } }));`,
      );
      expect(error.code).toBe("BACKEND_MISSING");
      expect(error.message).toContain("/nowhere/worker.js could not be loaded");
    });
  });
});
