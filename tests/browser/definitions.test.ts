import { fileURLToPath } from "node:url";
import { contractModels } from "@predikt/core/testing";
import { build, type Rollup } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, noGpu, type Visit, visit } from "./chromium.ts";

const definition = fileURLToPath(new URL("pages/doubling.mjs", import.meta.url));

/** The application's worker, as its bundler makes it: import maps do not reach into workers. */
async function bundle(hosted: string): Promise<string> {
  const entry = "\0worker";
  const script = `import { hostDefinitions } from "@predikt/web/definitions"; import { doubling } from ${JSON.stringify(definition)}; hostDefinitions([${hosted}]);`;
  const built = (await build({
    configFile: false,
    logLevel: "silent",
    resolve: { alias: { "@predikt/web/definitions": fileURLToPath(new URL("../../packages/web/dist/definitions.js", import.meta.url)) } },
    plugins: [{ name: "worker", resolveId: (id) => (id === "worker" ? entry : null), load: (id) => (id === entry ? script : null) }],
    build: { write: false, minify: false, rollupOptions: { input: "worker", output: { format: "es" } } },
  })) as Rollup.RollupOutput;
  return built.output[0].code;
}

/** An error as the page sees it. */
interface Failed {
  readonly error: {
    readonly name: string;
    readonly code: string;
    readonly message: string;
    readonly details: Readonly<Record<string, unknown>>;
  };
}

describe.skipIf(chromiumPath === undefined)("definitions in a worker, in Chromium (needs it: scripts/tools)", () => {
  let visited: Visit;
  beforeAll(async () => {
    const [hosting, other] = await Promise.all([bundle("doubling"), bundle(`{ ...doubling, name: "another" }`)]);
    visited = await visit(noGpu, { files: { "/linear.onnx": contractModels().linear, "/hosting.js": hosting, "/other.js": other } });
    await visited.page.evaluate(`(async () => {
      const { createPredictor } = await import("@predikt/web");
      const { doubling } = await import("/tests/browser/pages/doubling.mjs");
      const tools = await import("/tests/browser/pages/tools.mjs");
      const { webBackend } = tools;
      window.tools = { ...tools, doubling };
      /** A predictor whose definition runs in that worker, and the workers that it has started for it. */
      window.open = async (script, options = {}) => {
        const workers = [];
        const events = [];
        const definitions = () => {
          const worker = new Worker(script, { type: "module" });
          const { terminate } = worker;
          worker.terminate = () => { entry.ended = true; terminate.call(worker); };
          const entry = { worker, ended: false };
          workers.push(entry);
          return worker;
        };
        window.workers = workers;
        const predictor = await createPredictor(doubling, {
          source: "/linear.onnx", device: "wasm", onEvent: (event) => events.push(event), ...options, worker: { definitions } });
        return { predictor, workers, events };
      };
    })()`);
  });
  afterAll(() => visited.close());
  const inPage = <T>(script: string): Promise<T> =>
    visited.page.evaluate<T>(`(async ({ outcome, until, doubling }) => { ${script} })(window.tools)`);

  it("encode and decode there, each time anew, and keep what is theirs", async () => {
    const result = await inPage<{ outputs: unknown[]; workers: number }>(
      `const { predictor, workers } = await open("/hosting.js");
       const outputs = [];
       for (const x of [3, 3, 4]) outputs.push(await predictor.predict({ x }));
       await predictor.close();
       return { outputs: outputs.map(({ table, ...rest }) => ({ ...rest, table: Array.from(table.data) })), workers: workers.length };`,
    );
    const table = [1, 2, 3];
    expect(result.outputs).toEqual([7, 7, 9].map((y) => ({ y, inWorker: true, table })));
    expect(result.workers).toBe(1);
  });

  it("fail as on the page: the schema's error, and those of encode and decode, each with class, code and details", async () => {
    const { input, unlucky, refused, decoding, output, uncopied, after } = await inPage<Record<string, Failed>>(
      `const { predictor } = await open("/hosting.js");
       const input = await outcome(predictor.predict({ x: "three" }));
       const unlucky = await outcome(predictor.predict({ x: 13 }));
       const refused = await outcome(predictor.predict({ x: 14 }));
       const decoding = await outcome(predictor.predict({ x: 100 }));
       const output = await outcome(predictor.predict({ x: 1000 }));
       const uncopied = await outcome(predictor.predict({ x: 101 }));
       const after = await predictor.predict({ x: 2 });
       await predictor.close();
       return { input, unlucky, refused, decoding, output, uncopied, after };`,
    );
    expect(input?.error).toMatchObject({ name: "InputError", code: "INPUT_VALUE", details: { issues: [{ path: "x" }] } });
    const failed = { name: "DefinitionError", code: "DEFINITION_FAILED" };
    expect(unlucky?.error).toMatchObject({
      ...failed,
      message: `encode of model "doubling" failed: unlucky`,
      details: { which: "encode" },
    });
    expect(refused?.error).toMatchObject({ name: "InputError", code: "INPUT_VALUE", message: "no picture" });
    expect(decoding?.error).toMatchObject({ ...failed, message: `decode of model "doubling" failed: no such class` });
    expect(output?.error).toMatchObject({ name: "DefinitionError", code: "OUTPUT_INVALID" });
    expect(uncopied?.error).toMatchObject({ ...failed, message: expect.stringContaining("such as a function") });
    expect(after).toMatchObject({ y: 5 });
  });

  it("leave the page's thread free while they work", async () => {
    const { ticks, tookMs } = await inPage<{ ticks: number; tookMs: number }>(
      `const { predictor } = await open("/hosting.js");
       let ticks = 0; const ticking = setInterval(() => ticks++, 10);
       const startedAt = performance.now();
       await predictor.predict({ x: 16 });
       const tookMs = performance.now() - startedAt;
       clearInterval(ticking);
       await predictor.close();
       return { ticks, tookMs };`,
    );
    expect(tookMs).toBeGreaterThanOrEqual(700);
    expect(ticks).toBeGreaterThan(tookMs / 40);
  });

  it("still share runs", async () => {
    const { answers, rows } = await inPage<{ answers: number[]; rows: number[] }>(
      `const { predictor, events } = await open("/hosting.js", { batching: { maxBatchSize: 16, maxDelayMs: 50 } });
       const before = events.length;
       const outputs = await Promise.all(Array.from({ length: 12 }, (_, x) => predictor.predict({ x })));
       await predictor.close();
       return { answers: outputs.map(({ y }) => y), rows: events.slice(before).filter(({ type }) => type === "batch-run").map(({ rows }) => rows) };`,
    );
    expect(answers).toEqual(Array.from({ length: 12 }, (_, x) => 2 * x + 1));
    expect(rows.length).toBeLessThan(12);
    expect(rows.reduce((a, b) => a + b, 0)).toBe(12);
  });

  it("refuse an input that cannot be copied, and do not quote it", async () => {
    const { error } = await inPage<Failed>(
      `const { predictor } = await open("/hosting.js");
       const result = await outcome(predictor.predict({ x: 1, callback: () => "secret" }));
       await predictor.close();
       return result;`,
    );
    expect(error).toMatchObject({ name: "InputError", code: "INPUT_VALUE", message: expect.stringContaining("no functions") });
    expect(error.message).not.toContain("secret");
  });

  describe("whose worker", () => {
    it("hosts others is CONFIG_INVALID, which names what it hosts; it is ended", async () => {
      const { result, ended } = await inPage<{ result: Failed; ended: boolean[] }>(
        `const result = await outcome(open("/other.js")); return { result, ended: workers.map(({ ended }) => ended) };`,
      );
      expect(result.error).toMatchObject({ name: "ConfigError", code: "CONFIG_INVALID" });
      expect(result.error.message).toMatch(/worker\.definitions.*"doubling" version "1".*"another" version "1"/);
      expect(ended).toEqual([true]);
    });

    it("is one for something else is CONFIG_INVALID, too", async () => {
      const { error } = await inPage<Failed>(`return outcome(open("/packages/web/dist/worker.js"));`);
      expect(error).toMatchObject({ name: "ConfigError", code: "CONFIG_INVALID", message: expect.stringContaining(`answers "bind"`) });
    });

    it("has no script is BACKEND_MISSING", async () => {
      const { error } = await inPage<Failed>(`return outcome(open("/nowhere.js"));`);
      expect(error).toMatchObject({
        name: "BackendError",
        code: "BACKEND_MISSING",
        message: expect.stringContaining("worker.definitions"),
      });
    });

    it("is lost fails what it was doing with BACKEND_LOST; the next call has a new one", async () => {
      const { lost, after, workers } = await inPage<{ lost: Failed; after: unknown; workers: boolean[] }>(
        `const { predictor, workers } = await open("/hosting.js");
         const lost = await outcome(predictor.predict({ x: 15 }));
         const after = await predictor.predict({ x: 3 });
         const ended = workers.map(({ ended }) => ended);
         await predictor.close();
         return { lost, after, workers: ended };`,
      );
      expect(lost.error).toMatchObject({ name: "BackendError", code: "BACKEND_LOST", message: expect.stringContaining("a bug of the") });
      expect(after).toMatchObject({ y: 7 });
      expect(workers).toEqual([true, false]);
    });

    it("ends with its predictor", async () => {
      const ended = await inPage<boolean[]>(
        `const { predictor, workers } = await open("/hosting.js");
         const before = workers.map(({ ended }) => ended);
         await predictor.close();
         return [...before, ...workers.map(({ ended }) => ended)];`,
      );
      expect(ended).toEqual([false, true]);
    });
  });
});
