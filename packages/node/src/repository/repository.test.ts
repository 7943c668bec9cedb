import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { defineModel, type Tensors, tensor } from "@predikt/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { closeAfterEach, factor, folder, open, states, warnings } from "../../test/open-repositories.ts";
import { codeOf } from "../../test/program.ts";
import { times, withWeightsApart } from "../../test/repository.ts";
import { openRepository } from "./open-repository.ts";

closeAfterEach();

describe("a repository", () => {
  it("serves the latest version of each model, by number", async () => {
    const models = folder();
    for (const version of ["2", "9", "10"]) models.version("line", version, Number(version));
    models.version("other", "1", 3);
    const repository = await open(models);
    expect(await factor(repository, "line")).toBe(10);
    expect(await factor(repository, "other")).toBe(3);
    expect(repository.models()).toEqual([
      { name: "line", versions: ["10", "9", "2"] },
      { name: "other", versions: ["1"] },
    ]);
    expect(states(repository)).toEqual(["line 10 READY", "line 9 UNKNOWN", "line 2 UNKNOWN", "other 1 READY"]);
    expect(repository.resolve("line", {}).info).toMatchObject({ name: "line", version: "10" });
    expect(warnings).toEqual([]);
  });

  it("ignores what is no version or model, and says so once", async () => {
    const models = folder();
    models.version("line", "1", 1);
    for (const version of ["01", "0", "two", ".hidden"]) models.version("line", version, 5);
    models.write("line/3/notes.txt", "");
    models.version("a b", "1", 1);
    models.write(".git/1/model.onnx", "");
    models.write("stray.onnx", "");
    models.write("line/model.onnx", "");
    const repository = await open(models);
    expect(states(repository)).toEqual(["line 1 READY"]);
    await repository.load("line");
    expect(warnings.map(({ path, reason }) => `${path}: ${reason}`).sort()).toEqual(
      [
        "a b: ignored: a model's name has letters, digits, _ - . only",
        "line/01: ignored: a version's number does not begin with 0",
        "line/0: ignored: a version's number does not begin with 0",
        "line/3: ignored: there is no model.onnx in it",
        "line/model.onnx: a model lies in <model>/<version>/model.onnx",
        "line/two: ignored: a version is a number",
        "stray.onnx: a model lies in <model>/<version>/model.onnx",
      ].sort(),
    );
  });

  it("does as predikt.json says", async () => {
    const models = folder();
    for (const version of ["1", "2", "3"]) models.write(`line/${version}/line.onnx`, times(Number(version)));
    models.write("line/predikt.json", {
      $schema: "./predikt.schema.json",
      file: "line.onnx",
      policy: "all",
      labels: { stable: "1", canary: "3" },
      batching: { maxBatchSize: 4 },
      example: { x: [[0]] },
    });
    const repository = await open(models);
    expect(await factor(repository, "line")).toBe(1);
    expect(await factor(repository, "line", { label: "canary" })).toBe(3);
    expect(await factor(repository, "line", { version: "2" })).toBe(2);
    expect(repository.resolve("line", {}).info.batching).toMatchObject({ enabled: true, maxBatchSize: 4 });
  });

  it("serves a model by its definition where there is one", async () => {
    const models = folder();
    models.version("line", "4", 2);
    models.write("line/predikt.json", { golden: [{ inputs: { x: 2 }, outputs: { y: 4 } }] });
    const line = defineModel({
      name: "line",
      input: z.object({ x: z.number() }),
      output: z.object({ y: z.number() }),
      encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
      decode: ({ y }: Tensors<"y">) => ({ y: Number(y.data[0]) }),
      example: { x: 1 },
    });
    const repository = await open(models, { definitions: [line] });
    expect(await repository.predictor("line").predict({ x: 3 })).toEqual({ y: 6 });
    expect(repository.resolve("line", {}).info.version).toBe("4");
  });

  it("goes on with the rest where a model cannot be opened", async () => {
    const models = folder();
    models.write("broken/1/model.onnx", times(1).subarray(0, 40));
    models.version("line", "1", 1);
    const repository = await open(models);
    expect(states(repository)).toEqual(["broken 1 UNAVAILABLE", "line 1 READY"]);
    expect(repository.index()[0]?.reason).not.toBe("");
    expect(repository.unready()).toMatchObject([{ name: "broken" }]);
  });

  it("takes external data beside the model, and not without it", async () => {
    const models = folder();
    const { model, weights } = withWeightsApart(6);
    models.write("line/1/model.onnx", model);
    models.write("line/1/weights.bin", weights);
    models.write("line/2/model.onnx", model);
    models.write("line/3/model.onnx", model);
    models.write("line/3/weights.bin", weights.subarray(0, 1));
    models.write("line/predikt.json", { policy: "all" });
    const repository = await open(models);
    expect(states(repository)).toEqual(["line 3 UNAVAILABLE", "line 2 UNAVAILABLE", "line 1 READY"]);
    expect(await factor(repository, "line")).toBe(6);
  });

  it("checks options, and that there is a folder", async () => {
    const models = folder();
    for (const wrong of [{ mode: "poll" }, { other: 1 }, { settleMs: 0 }, { load: ["a"] }, { threads: 0 }, { source: "x" }])
      expect(await codeOf(openRepository(models.root, wrong as never))).toBe("CONFIG_INVALID");
    expect(await codeOf(openRepository(join(models.root, "none")))).toBe("CONFIG_INVALID");
  });
});

describe("golden cases", () => {
  const golden = [{ inputs: { x: [[2], [3]] }, outputs: { y: [[4], [6]] }, tolerance: 1e-6 }];

  it("keep a version that fails them out", async () => {
    const models = folder();
    models.version("line", "1", 2);
    models.version("line", "2", 2.1);
    models.write("line/predikt.json", { policy: "all", golden });
    const repository = await open(models);
    expect(states(repository)).toEqual(["line 2 UNAVAILABLE", "line 1 READY"]);
    expect(repository.index()[0]?.reason).toContain("golden case 0");
    expect(await factor(repository, "line")).toBe(2);
  });

  it("lie in a file of the version's, or of the model's", async () => {
    const models = folder();
    for (const [version, by] of [
      ["1", 2],
      ["2", 5],
      ["3", 5],
    ] as const)
      models.version("line", version, by);
    models.write("line/golden.json", golden);
    models.write("line/2/golden.json", [{ inputs: { x: [[1]] }, outputs: { y: [[5]] } }]);
    models.write("line/predikt.json", { policy: "all", golden: "golden.json" });
    const repository = await open(models);
    expect(states(repository)).toEqual(["line 3 UNAVAILABLE", "line 2 READY", "line 1 READY"]);
  });
});

it("golden cases that are not there are the failure of their version only", async () => {
  const models = folder();
  models.version("line", "1", 2);
  models.write("line/1/golden.json", [{ inputs: { x: [[1]] }, outputs: { y: [[2]] } }]);
  models.version("line", "2", 2);
  models.version("line", "3", 2);
  models.write("line/3/golden.json", [{ input: 1 }]);
  models.write("line/predikt.json", { policy: "all", golden: "golden.json" });
  const repository = await open(models);
  expect(states(repository)).toEqual(["line 3 UNAVAILABLE", "line 2 UNAVAILABLE", "line 1 READY"]);
  expect(repository.index().map(({ reason }) => reason)).toEqual([
    expect.stringContaining('no key "input"'),
    expect.stringContaining("a file in line/2 or line"),
    "",
  ]);
});

describe("paths", () => {
  it("that lead out of the repository are refused", async () => {
    const outside = folder();
    outside.version("secret", "1", 7);
    outside.write("weights.bin", new Uint8Array(4));
    outside.write("predikt.json", {});
    const models = folder();
    models.version("line", "1", 1);
    symlinkSync(join(outside.root, "secret"), join(models.root, "model-link"));
    symlinkSync(join(outside.root, "secret/1"), join(models.root, "line/2"));
    models.write("line/3/notes.txt", "");
    symlinkSync(join(outside.root, "secret/1/model.onnx"), join(models.root, "line/3/model.onnx"));
    models.write("line/4/model.onnx", withWeightsApart(1).model);
    symlinkSync(join(outside.root, "weights.bin"), join(models.root, "line/4/weights.bin"));
    models.version("own", "1", 1);
    symlinkSync(join(outside.root, "predikt.json"), join(models.root, "own/predikt.json"));
    const repository = await open(models);
    expect(states(repository)).toEqual(["line 1 READY"]);
    expect(warnings.map(({ path }) => path).sort()).toEqual(["line/2", "line/3", "line/4", "model-link", "own"]);
    expect(warnings.every(({ reason }) => /outside the repository|leads out/.test(reason))).toBe(true);
  });

  it("that lead from one place of it to another are followed", async () => {
    const models = folder();
    models.write(".store/abc/model.onnx", times(8));
    models.write("line/notes.txt", "");
    symlinkSync("../.store/abc", join(models.root, "line/1"));
    expect(await factor(await open(models), "line")).toBe(8);
  });

  it("are no names of models", async () => {
    const models = folder();
    models.version("line", "1", 1);
    const repository = await open(models, { mode: "explicit" });
    for (const name of ["..", ".", "../line", "line/1", "line/../line", "/etc", "", "%2e%2e", "line\0"])
      expect(await codeOf(repository.load(name))).toBe("MODEL_NOT_FOUND");
    expect(await codeOf(repository.load("line", "../1"))).toBe("MODEL_NOT_FOUND");
    models.write("line/predikt.json", { file: "../1/model.onnx", golden: "/etc/passwd" });
    const error = await repository.load("line").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("file: the name of a file, without a path; golden:"),
    });
  });
});
