import { contractModels } from "@predikt/core/testing";
import { afterEach, describe, expect, it } from "vitest";
import { chromiumPath, listen, noGpu, softwareGpu, startBrowser, type Visit, visit } from "./chromium.ts";
import { openSite } from "./site.ts";

const { linear } = contractModels();
const tagged = {
  "/linear.onnx": (_req: unknown, res: { setHeader(...header: [string, string]): { end(body: Uint8Array): void } }) =>
    res.setHeader("etag", '"v1"').end(linear),
};
const script = (body: string): string =>
  `import("/tests/browser/pages/tools.mjs").then(async ({ open, outcome, numbers, until, createPredictor }) => { ${body} })`;

describe.skipIf(chromiumPath === undefined)("in Chromium (needs it: scripts/tools)", () => {
  let visited: Visit | undefined;
  afterEach(async () => {
    await visited?.close();
    visited = undefined;
  });

  it("an open page loads model and runtime with the network cut, from what the first load kept", async () => {
    visited = await visit(noGpu, { files: tagged });
    const { page, context, site } = visited;
    const first = await page.evaluate(
      script(`const { predictor, progress } = await open({ source: "/linear.onnx", device: "wasm" });
        const y = numbers(await predictor.run({ x: [[3]] }), "y");
        // What is kept for later is kept in the background.
        const kept = async () => (await (await caches.open("predikt-files")).keys()).map(({ url }) => url.split("/").pop()).sort();
        let files = [];
        while (files.length < 3) { files = await kept(); await new Promise((resolve) => setTimeout(resolve, 50)); }
        await predictor.close();
        return { y, files, fromCache: predictor.info.details.fromCache };`),
    );
    expect(first).toEqual({
      y: [7],
      files: ["ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm", "worker.js"],
      fromCache: false,
    });
    await context.setOffline(true);
    const before = site.visits.length;
    const second = await page.evaluate(
      script(`const { predictor, progress } = await open({ source: "/linear.onnx", device: "wasm" });
        const y = numbers(await predictor.run({ x: [[4]] }), "y");
        await predictor.close();
        return { y, fromCache: progress.find(({ phase }) => phase === "download").fromCache };`),
    );
    expect(second).toEqual({ y: [9], fromCache: true });
    expect(site.visits.length).toBe(before);
  });

  it("a second load of a page asks only whether the model has changed; with its digest it asks nothing", async () => {
    visited = await visit(noGpu, { files: tagged });
    const { page, site } = visited;
    const digest = await page.evaluate<string>(
      script(
        `const predictor = await createPredictor({ source: "/linear.onnx", device: "wasm" }); await predictor.close(); return predictor.info.digest;`,
      ),
    );
    const modelVisits = (): (readonly [number, number])[] =>
      site.visits.filter(({ path }) => path === "/linear.onnx").map(({ status, bytes }) => [status, bytes] as const);
    expect(modelVisits()).toEqual([[200, linear.byteLength]]);
    await page.evaluate(
      script(
        `const predictor = await createPredictor({ source: "/linear.onnx", device: "wasm", sha256: ${JSON.stringify(digest)} }); await predictor.close();`,
      ),
    );
    const downloads = modelVisits().length;
    const again = await page.evaluate(
      script(`const { predictor, progress } = await open({ source: "/linear.onnx", device: "wasm", sha256: ${JSON.stringify(digest)} });
        await predictor.close(); return progress.filter(({ phase }) => phase === "download").map(({ fromCache }) => fromCache);`),
    );
    expect(new Set(again as boolean[])).toEqual(new Set([true]));
    expect(modelVisits().length).toBe(downloads);
  });

  it("without a GPU, webgpu is skipped with its reason, and an event", async () => {
    visited = await visit(noGpu, { files: tagged });
    const result = await visited.page.evaluate(
      script(`const { predictor, events } = await open({ source: "/linear.onnx", device: ["webgpu", "wasm"] });
        const { device, skipped } = predictor.info;
        await predictor.close();
        return { device, skipped, events: events.filter(({ type }) => type === "device-skipped") };`),
    );
    const skipped = { device: "webgpu", reason: expect.stringMatching(/no adapter/) };
    expect(result).toEqual({ device: "wasm", skipped: [skipped], events: [{ type: "device-skipped", ...skipped }] });
  });

  it("asked for by name alone, a GPU that is not there is an error that says why", async () => {
    visited = await visit(noGpu, { files: tagged });
    expect(
      await visited.page.evaluate(script(`return outcome(createPredictor({ source: "/linear.onnx", device: "webgpu" }));`)),
    ).toMatchObject({
      error: {
        code: "BACKEND_UNAVAILABLE",
        message: expect.stringMatching(/webgpu: .*no adapter/),
        details: { tried: [{ device: "webgpu" }] },
      },
    });
  });

  it("without JSPI, WebGPU runs on the build that needs none, which is inflated on arrival", async () => {
    visited = await visit(softwareGpu, {
      files: {
        ...tagged,
        "/patch.js": "delete WebAssembly.Suspending;",
        "/worker.js": `import "./patch.js"; import "/packages/web/dist/worker.js";`,
      },
    });
    const { page, site } = visited;
    const result = await page.evaluate(
      script(`const worker = { factory: () => new Worker("/worker.js", { type: "module" }) };
        const { predictor } = await open({ source: "/linear.onnx", device: "webgpu", worker });
        const y = numbers(await predictor.run({ x: [[3]] }), "y");
        await predictor.close();
        return { y, kind: predictor.info.details.runtimeKind };`),
    );
    expect(result).toEqual({ y: [7], kind: "asyncify" });
    const wasm = site.visits.map(({ path }) => path).filter((path) => /\.wasm/.test(path));
    expect(new Set(wasm)).toEqual(new Set(["/packages/web/dist/ort/ort-wasm-simd-threaded.asyncify.wasm.gz"]));
  });

  it("closing the last predictor ends the worker; another one's stays", async () => {
    visited = await visit(noGpu, { files: tagged });
    const { page } = visited;
    const workers = async (body: string): Promise<number> => {
      await page.evaluate(script(body));
      // The browser is told of a worker's end a moment later.
      await page.waitForTimeout(100);
      return page.workers().length;
    };
    expect(await workers(`window.one = await createPredictor({ source: "/linear.onnx", device: "wasm" });`)).toBe(1);
    expect(await workers(`window.two = await createPredictor({ source: "/linear.onnx", device: "wasm" });`)).toBe(1);
    expect(await workers(`await window.one.close();`)).toBe(1);
    expect(await workers(`await window.two.close();`)).toBe(0);
  });

  it("a page that is not secure has neither store nor threads nor WebGPU, and predicts all the same", async () => {
    const site = await openSite({ files: tagged });
    const browser = await startBrowser([...softwareGpu, "--host-resolver-rules=MAP insecure.test 127.0.0.1"]);
    try {
      const page = await browser.newPage();
      const complaints = listen(page);
      await page.goto(`http://insecure.test:${site.port}/`);
      const result = await page.evaluate(
        script(`const { predictor, events } = await open({ source: "/linear.onnx", threads: 2 });
          const y = numbers(await predictor.run({ x: [[3]] }), "y");
          const { device, skipped, details, digest } = predictor.info;
          await predictor.close();
          return { y, device, skipped, threads: details.threads, digest, events: events.map(({ type }) => type) };`),
      );
      expect(result).toMatchObject({
        y: [7],
        device: "wasm",
        threads: 1,
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        skipped: [{ device: "webgpu", reason: expect.stringMatching(/secure context/) }],
        events: expect.arrayContaining(["threads-limited", "store-degraded"]),
      });
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
      await site.close();
    }
  });
});
