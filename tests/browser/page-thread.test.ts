import { contractModels } from "@predikt/core/testing";
import { afterEach, describe, expect, it } from "vitest";
import { chromiumPath, softwareGpu, type Visit, visit } from "./chromium.ts";

describe.skipIf(chromiumPath === undefined)("the page's own thread, in Chromium (needs it: scripts/tools)", () => {
  let visited: Visit | undefined;
  afterEach(async () => {
    await visited?.close();
    visited = undefined;
  });
  const inPage = async <T>(script: string): Promise<T> => {
    visited = await visit(softwareGpu, { files: { "/linear.onnx": contractModels().linear } });
    return visited.page.evaluate<T>(
      `import("/tests/browser/pages/tools.mjs").then(async ({ outcome, webBackend, numbers, createPredictor }) => {
         const open = (device) => createPredictor({ source: "/linear.onnx", device, worker: false });
         ${script} })`,
    );
  };

  it("has one runtime, which the sessions of several backends use one after another", async () => {
    const { answers, most } = await inPage<{ answers: number[]; most: number }>(
      `const { createPredictor: create } = await import("@predikt/core");
       const one = () => create({ source: "/linear.onnx", device: "webgpu", worker: false, backend: webBackend() });
       const predictors = [await one(), await one()];
       const { mapAsync } = GPUBuffer.prototype;
       // A GPU that takes its time, and counts how many wait for it.
       let waiting = 0, most = 0;
       GPUBuffer.prototype.mapAsync = async function (...args) {
         most = Math.max(most, ++waiting);
         await mapAsync.apply(this, args);
         await new Promise((resolve) => setTimeout(resolve, 50));
         waiting--;
       };
       const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((x) => predictors[x % 2].run({ x: [[x]] })));
       return { answers: answers.flatMap((each) => numbers(each, "y")), most };`,
    );
    expect(answers).toEqual([3, 5, 7, 9, 11, 13]);
    expect(most).toBe(1);
  });

  it("runs WebAssembly in the build that runs on the GPU", async () => {
    const y = await inPage<number[]>(`await open("webgpu"); return numbers(await (await open("wasm")).run({ x: [[5]] }), "y");`);
    expect(y).toEqual([11]);
  });

  it("cannot change to that build, and says what to do", async () => {
    const { error } = await inPage<{ error: { code: string; message: string } }>(`await open("wasm"); return outcome(open("webgpu"));`);
    expect(error.code).toBe("BACKEND_UNAVAILABLE");
    expect(error.message).toMatch(
      /build "wasm" already, and runs one only: open the model that wants the GPU first, or let it run in a worker/,
    );
  });
});
