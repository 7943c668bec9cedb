import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { z } from "zod";
import { manifestSchemas } from "./manifest-schema.ts";

const { manifest } = manifestSchemas(z);

it("the JSON Schema of the package is made of it (npm run docs:schema)", () => {
  const shipped = readFileSync(new URL("../../predikt.schema.json", import.meta.url), "utf8");
  expect(JSON.parse(shipped)).toEqual(z.toJSONSchema(manifest, { io: "input" }));
});

it("takes what the registry and createPredictor take", () => {
  const all = {
    $schema: "x",
    file: "m.onnx",
    sha256: { "1": "ab".repeat(32) },
    policy: { specific: ["1", "12"] },
    labels: { stable: "1" },
    traffic: {
      split: [
        { label: "stable", weight: 9 },
        { version: "12", weight: 1 },
      ],
      seed: "s",
    },
    shadow: { version: "12", sample: 0.5 },
    rollback: { errorRate: 0.1, p95Ms: 50 },
    golden: [{ inputs: { x: [1] }, outputs: { y: [2] } }],
    device: ["cuda", "cpu"],
    execution: "process",
    maxRunMs: 100,
    batching: "auto",
    example: { x: [[0]] },
    sessionOptions: { graphOptimizationLevel: "all", enableMemPattern: false, freeDimensionOverrides: { batch: 1 } },
  };
  expect(manifest.parse(all)).toEqual(all);
});

it.each([
  [{ polices: "all" }, "unrecognized_keys"],
  [{ policy: "latest" }, '"all", { "latest": n } or { "specific": [versions] }'],
  [{ labels: { stable: "01" } }, "a version: digits that do not begin with 0"],
  [{ file: "../model.onnx" }, "the name of a file, without a path"],
  [{ file: ".env" }, "the name of a file, without a path"],
  [{ golden: "a/b.json" }, "the name of a file, without a path"],
  [{ threads: 1.5 }, "a whole number ≥ 1"],
  [{ sessionOptions: { optimizedModelFilePath: "/tmp/x" } }, "unrecognized_keys"],
  [{ sessionOptions: { enableProfiling: true, profileFilePrefix: "/tmp/x" } }, "unrecognized_keys"],
  [{ sessionOptions: { extra: { session: { model_external_initializers_file_folder_path: "/etc" } } } }, "unrecognized_keys"],
  [{ execution: "thread" }, "one of auto, inline, worker, process"],
])("refuses %j", (wrong, message) => {
  const { error } = manifest.safeParse(wrong);
  expect([error?.issues[0]?.message, error?.issues[0]?.code]).toContain(message);
});
