import { backendContract, contractModels, fakeBackend } from "@predikt/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, noGpu, softwareGpu, type Visit, visit } from "./chromium.ts";

/** The names of the suite's tests. */
const names: string[] = [];
backendContract({ test: (name) => names.push(name), expect }, { backend: fakeBackend(), options: {}, models: {} as never });

const files = Object.fromEntries(Object.entries(contractModels()).map(([name, bytes]) => [`/models/${name}.onnx`, bytes]));
const subjects = [
  { of: "wasm in a worker", flags: noGpu, isolated: false, options: { device: "wasm" } },
  { of: "wasm in a worker, 2 threads", flags: noGpu, isolated: true, options: { device: "wasm", threads: 2 } },
  { of: "wasm on the page's thread", flags: noGpu, isolated: false, options: { device: "wasm", worker: false } },
  { of: "webgpu in a worker (SwiftShader)", flags: softwareGpu, isolated: false, options: { device: "webgpu" } },
];

describe.skipIf(chromiumPath === undefined)("in Chromium (needs it: scripts/tools), the contract", () => {
  for (const { of, flags, isolated, options } of subjects) {
    describe(`on ${of}`, () => {
      let visited: Visit;
      beforeAll(async () => {
        visited = await visit(flags, { isolated, files });
        await visited.page.evaluate(
          `import("/tests/browser/pages/contract.mjs").then(({ contractTests }) => { window.tests = contractTests(${JSON.stringify(options)}); })`,
        );
      });
      afterAll(() => visited.close());

      it.each(names)("%s", async (name) => {
        expect(
          await visited.page.evaluate(`window.tests.get(${JSON.stringify(name)})().then(() => "passed", (error) => error.stack)`),
        ).toBe("passed");
      });

      it("tells the console nothing", () => expect(visited.complaints).toEqual([]));
    });
  }
});
