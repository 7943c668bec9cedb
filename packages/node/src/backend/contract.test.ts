import { backendContract, contractModels } from "@predikt/core/testing";
import { describe, expect, test } from "vitest";
import { cudaProblem } from "./cuda.ts";
import { nodeBackend } from "./node-backend.ts";
import type { NodeOptions } from "./options.ts";

const models = contractModels();
const places: (NodeOptions & { readonly device: string })[] = [
  { device: "cpu", execution: "inline" },
  { device: "cpu", execution: "worker" },
  { device: "cpu", execution: "process" },
  { device: "cpu", execution: "auto" },
  { device: "wasm", execution: "inline" },
  { device: "wasm", execution: "worker" },
  { device: "wasm", execution: "process" },
  { device: "wasm", execution: "worker", threads: 2 },
];

for (const options of places) {
  describe(`the contract on ${options.device}, ${options.execution}, ${options.threads ?? 1} thread(s)`, () => {
    backendContract({ test, expect }, { backend: nodeBackend(), options, models });
  });
}

const problem = cudaProblem();
describe.skipIf(problem !== undefined)(`the contract on cuda (needs CUDA: ${problem ?? "it is here"})`, () => {
  backendContract({ test, expect }, { backend: nodeBackend(), options: { device: "cuda", execution: "worker" } as NodeOptions, models });
});
