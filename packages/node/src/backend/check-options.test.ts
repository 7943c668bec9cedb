import { contractModels } from "@predikt/core/testing";
import { expect, it } from "vitest";
import { createPredictor } from "./create-predictor.ts";

const source = contractModels().linear;

it.each([
  [{ devise: "cuda" }, "devise"],
  [{ execution: "thread" }, "execution"],
  [{ threads: 0 }, "threads"],
  [{ maxWorkers: 1.5 }, "maxWorkers"],
  [{ maxRunMs: 2 ** 31 }, "maxRunMs"],
  [{ maxOpenMs: "1" }, "maxOpenMs"],
  [{ cuda: { deviceID: 3 } }, "cuda.deviceID"],
  [{ cuda: { cudnnSearch: "bogus" } }, "cuda.cudnnSearch"],
  [{ cuda: { tf32: "no" } }, "cuda.tf32"],
  [{ cuda: "0" }, "cuda"],
  [{ limits: { maxModelBytes: Number.NaN } }, "limits.maxModelBytes"],
  [{ limits: { maxTensorBytes: -1 } }, "limits.maxTensorBytes"],
  [{ limits: { maxTensorByte: 1 } }, "limits.maxTensorByte"],
  [{ limits: { domains: "com.example" } }, "limits.domains"],
  [{ externalData: { "w.bin": 5 } }, "externalData"],
  [{ download: { retries: -1 } }, "download.retries"],
  [{ download: { headers: { a: 1 } } }, "download.headers"],
  [{ sessionOptions: { graphOptimizationLevel: "max" } }, "sessionOptions.graphOptimizationLevel"],
  [{ sessionOptions: { enableCpuMemArena: "x" } }, "sessionOptions.enableCpuMemArena"],
  [{ sessionOptions: { extra: { f() {} } } }, "sessionOptions"],
])("%j is CONFIG_INVALID and says where", async (options, path) => {
  const load = createPredictor({ source, device: "cpu", execution: "inline", ...(options as object) });
  await expect(load).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    details: { path, expected: expect.any(String), received: expect.not.stringMatching(/bogus|thread|max|-1/) },
  });
});

it("undefined is as good as absent, and limits may be infinite", async () => {
  const limits = { maxTensorBytes: Number.POSITIVE_INFINITY, maxNodes: undefined };
  const sessionOptions = { graphOptimizationLevel: "basic", extra: { session: { set_denormal_as_zero: "1" } } };
  const predictor = await createPredictor({ source, device: "cpu", cuda: undefined, limits, sessionOptions });
  await predictor.close();
});
