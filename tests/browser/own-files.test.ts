import { externalInitializer, graph, model, node, value, writeModel } from "@predikt/core/onnx";
import { contractModels } from "@predikt/core/testing";
import { afterEach, describe, expect, it } from "vitest";
import { chromiumPath, noGpu, type Visit, visit } from "./chromium.ts";

/** `y = w · x`, w float32 [1] from a file beside the model. */
const scaling = writeModel(
  model(
    graph({
      nodes: [node("Mul", ["x", "w"], ["y"])],
      inputs: [value("x", "float32", ["batch", 1])],
      outputs: [value("y", "float32", ["batch", 1])],
      initializers: [externalInitializer("w", { dtype: "float32", dims: [1], location: "w.bin", offset: 0, length: 4 })],
    }),
  ),
);
const files = {
  "/linear.onnx": contractModels().linear,
  "/scaling.onnx": scaling,
  "/w.bin": new Uint8Array(new Float32Array([5]).buffer),
  "/own-worker.js": 'import "/packages/web/dist/worker.js";',
};

describe.skipIf(chromiumPath === undefined)("files of the application's, in Chromium (needs it: scripts/tools)", () => {
  let visited: Visit | undefined;
  afterEach(async () => {
    await visited?.close();
    visited = undefined;
  });
  const inPage = async <T>(script: string): Promise<T> => {
    visited = await visit(noGpu, { files });
    return visited.page.evaluate<T>(
      `import("/tests/browser/pages/tools.mjs").then(async ({ open, outcome, numbers, createPredictor }) => { ${script} })`,
    );
  };

  it("a worker of its own, whose script imports ours, runs the model, and is ended with the last predictor", async () => {
    const told = await inPage(
      `const { Worker: Original } = window;
       const [started, ended] = [[], []];
       window.Worker = class extends Original {
         constructor(url, ...rest) { super(url, ...rest); started.push(new URL(url, location).pathname); }
         terminate() { ended.push("one"); super.terminate(); }
       };
       const factory = () => new Worker("/own-worker.js", { type: "module" });
       const { predictor } = await open({ source: "/linear.onnx", device: "wasm", worker: { factory } });
       const y = numbers(await predictor.run({ x: [[3]] }), "y");
       const { execution } = predictor.info;
       await predictor.close();
       return { y, execution, started, ended };`,
    );
    expect(told).toEqual({ y: [7], execution: "worker", started: ["/own-worker.js"], ended: ["one"] });
    expect(visited?.complaints).toEqual([]);
  });

  it("external data is loaded with the model from where the option says, and told in its progress", async () => {
    const told = await inPage<{ answers: number[][]; names: string[] }>(
      `const options = { source: "/scaling.onnx", device: "wasm", externalData: { "w.bin": "/w.bin" } };
       const answers = [], names = new Set();
       for (let visits = 0; visits < 2; visits++) {
         const { predictor, progress } = await open(options);
         answers.push(numbers(await predictor.run({ x: [[3]] }), "y"));
         for (const { files = [] } of progress) for (const { name } of files) names.add(name);
         await predictor.close();
       }
       return { answers, names: [...names].sort() };`,
    );
    expect(told).toEqual({ answers: [[15], [15]], names: ["scaling.onnx", "w.bin"] });
  });

  it("external data that no option names is refused, and nothing is asked for", async () => {
    const { error } = await inPage<{ error: { code: string; message: string } }>(
      `return outcome(createPredictor({ source: "/scaling.onnx", device: "wasm" }));`,
    );
    expect(error).toMatchObject({ code: "MODEL_REFUSED", message: expect.stringContaining("externalData") });
    expect(visited?.site.visits.filter(({ path }) => path === "/w.bin")).toEqual([]);
  });
});
