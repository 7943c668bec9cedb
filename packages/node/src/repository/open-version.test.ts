import { join } from "node:path";
import { expect, it } from "vitest";
import { closeAfterEach, folder } from "../../test/open-repositories.ts";
import { codeOf } from "../../test/program.ts";
import { type Folder, times } from "../../test/repository.ts";
import type { NodePredictorOptions } from "../backend/create-predictor.ts";
import { openVersionFiles } from "./open-version.ts";
import { stampOf } from "./stamp.ts";

closeAfterEach();

/** Looks at a version, lets something happen, and opens it. */
async function openAfter({ root }: Folder, change: () => void, options: Partial<NodePredictorOptions> = {}) {
  const path = join(root, "line/1");
  const stamp = await stampOf(path, root);
  change();
  const files = { root, name: "line", version: "1", folder: { path, stamp }, file: "model.onnx", definition: undefined };
  return openVersionFiles({ ...files, options: { device: "cpu", execution: "inline", ...options } }, new AbortController().signal);
}

it("opens what was looked at", async () => {
  const models = folder();
  models.version("line", "1", 2);
  const predictor = await openAfter(models, () => {});
  expect(predictor.info).toMatchObject({ name: "line", version: "1" });
  await predictor.close();
});

it("opens nothing else than what was looked at, be it another model or another file beside it", async () => {
  const models = folder();
  models.version("line", "1", 2);
  expect(await codeOf(openAfter(models, () => models.write("line/1/model.onnx", times(3).slice())))).toBe("MODEL_INTEGRITY");
  expect(await codeOf(openAfter(models, () => models.write("line/1/weights.bin", "w")))).toBe("MODEL_INTEGRITY");
  expect(await codeOf(openAfter(models, () => models.remove("line/1")))).toBe("MODEL_NOT_FOUND");
});

it("gives back what has changed while it was opened", async () => {
  const models = folder();
  models.version("line", "1", 2);
  const states: string[] = [];
  const onEvent = ({ type }: { readonly type: string }): void => {
    states.push(type);
    if (type === "model-loaded") models.write("line/1/weights.bin", "w");
  };
  expect(await codeOf(openAfter(models, () => {}, { onEvent }))).toBe("MODEL_INTEGRITY");
  expect(states).toContain("model-loaded");
  expect(states.at(-1)).toMatch(/closed/);
});
