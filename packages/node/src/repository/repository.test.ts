import { cpSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineModel, type Tensors, tensor } from "@predikt/core";
import type { RegistryEvent } from "@predikt/core/registry";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { codeOf } from "../../test/program.ts";
import { Folder, times, withWeightsApart } from "../../test/repository.ts";
import { openRepository } from "./open-repository.ts";
import type { Repository, RepositoryOptions, RepositoryWarning } from "./options.ts";

const folders: Folder[] = [];
const opened: Repository[] = [];
const warnings: RepositoryWarning[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((repository) => repository.close()));
  for (const folder of folders.splice(0)) folder.remove();
  warnings.length = 0;
});

function folder(): Folder {
  const made = new Folder();
  folders.push(made);
  return made;
}

async function open({ root }: Folder, options: RepositoryOptions = {}): Promise<Repository> {
  const repository = await openRepository(root, {
    device: "cpu",
    execution: "inline",
    settleMs: 50,
    onWarning: (warning) => warnings.push(warning),
    ...options,
  });
  opened.push(repository);
  return repository;
}

/** What a model makes of 1: its factor. */
async function factor(repository: Repository, name: string, selector = {}): Promise<number> {
  const { y } = await repository.predictor<unknown, Tensors<"y">>(name, selector).predict({ x: [[1]] });
  return Number(y.data[0]);
}

const states = (repository: Repository): string[] => repository.index().map(({ name, version, state }) => `${name} ${version} ${state}`);

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

describe("mode explicit", () => {
  it("serves what is loaded, and only that", async () => {
    const models = folder();
    models.version("line", "1", 1);
    models.version("line", "2", 2);
    models.version("other", "1", 3);
    const repository = await open(models, { mode: "explicit", load: ["other"] });
    expect(states(repository)).toEqual(["line 2 UNKNOWN", "line 1 UNKNOWN", "other 1 READY"]);
    expect(repository.unready()).toEqual([]);
    expect(await codeOf(factor(repository, "line"))).not.toBe("it resolved");

    await repository.load("line");
    expect(await factor(repository, "line")).toBe(2);
    await repository.load("line", "1");
    expect(await factor(repository, "line", { version: "1" })).toBe(1);
    await repository.unload("line");
    expect(states(repository)).toEqual(["line 2 UNAVAILABLE", "line 1 UNAVAILABLE", "other 1 READY"]);
    await repository.load("line");
    expect(await factor(repository, "line")).toBe(2);
  });

  it("finds what has come since, and loads nothing by itself", async () => {
    const models = folder();
    models.version("line", "1", 1);
    const repository = await open(models, { mode: "explicit", load: ["line"] });
    models.version("line", "2", 2);
    models.version("new", "1", 3);
    expect(await factor(repository, "line")).toBe(1);
    await repository.load("line");
    expect(await factor(repository, "line")).toBe(2);
    await repository.load("new");
    expect(await factor(repository, "new")).toBe(3);
    expect(await codeOf(repository.load("none"))).toBe("MODEL_NOT_FOUND");
    expect(await codeOf(repository.load("line", "7"))).toBe("MODEL_NOT_FOUND");
  });

  it("says why a load failed, and leaves the old version serving", async () => {
    const models = folder();
    models.version("line", "1", 1);
    const repository = await open(models, { mode: "explicit", load: ["line"] });
    models.write("line/2/model.onnx", "no model");
    expect(await codeOf(repository.load("line"))).toBe("MODEL_INVALID");
    expect(await factor(repository, "line")).toBe(1);
    models.write("line/predikt.json", "{");
    expect(await codeOf(repository.load("line"))).toBe("CONFIG_INVALID");
    models.write("line/predikt.json", { labels: { stable: "9" } });
    expect(await codeOf(repository.load("line"))).toBe("CONFIG_INVALID");
    expect(await factor(repository, "line")).toBe(1);
    const wrong = openRepository(models.root, { mode: "explicit", load: ["none"], settleMs: 50 });
    expect(await codeOf(wrong)).toBe("MODEL_NOT_FOUND");
    await repository.close();
    expect(await codeOf(repository.load("line"))).toBe("CLOSED");
  });
});

describe("mode watch", () => {
  it("swaps to a new version while requests go on, and closes the old one", async () => {
    const models = folder();
    models.version("line", "1", 1);
    const events: RegistryEvent[] = [];
    const repository = await open(models, { mode: "watch", onRegistryEvent: (event) => events.push(event) });
    const requests = constant(repository);
    await expect.poll(() => requests.answers.size).toBe(1);
    models.version("line", "2", 2);
    await expect.poll(() => requests.answers.size).toBe(2);
    models.version("line", "3", 3);
    await expect.poll(() => [...requests.answers]).toEqual([1, 2, 3]);
    await requests.stop();
    expect(requests.failures).toEqual([]);
    await expect.poll(() => states(repository)).toEqual(["line 3 READY", "line 2 UNAVAILABLE", "line 1 UNAVAILABLE"]);
    expect(warnings).toEqual([]);
  });

  it("swaps where a version's own file is replaced", async () => {
    const models = folder();
    models.version("line", "1", 1);
    const repository = await open(models, { mode: "watch" });
    models.write("next.tmp", times(4));
    const requests = constant(repository);
    await expect.poll(() => requests.answers.size).toBe(1);
    renameSync(join(models.root, "next.tmp"), join(models.root, "line/1/model.onnx"));
    await expect.poll(() => [...requests.answers]).toEqual([1, 4]);
    await requests.stop();
    expect(requests.failures).toEqual([]);
  });

  it("leaves the old version serving where the new one is broken, until it is mended", async () => {
    const models = folder();
    models.version("line", "1", 1);
    const repository = await open(models, { mode: "watch" });
    models.write("line/2/model.onnx", "no model");
    await expect.poll(() => states(repository)).toEqual(["line 2 UNAVAILABLE", "line 1 READY"]);
    expect(await factor(repository, "line")).toBe(1);
    models.version("line", "2", 2);
    await expect.poll(() => factor(repository, "line")).toBe(2);
  });

  it("never reads a file that is still being copied", async () => {
    const models = folder();
    models.version("line", "1", 1);
    const seen: string[] = [];
    const repository = await open(models, {
      mode: "watch",
      settleMs: 150,
      onRegistryEvent: (event) => event.type === "version-state-changed" && seen.push(`${event.version} ${event.state}`),
    });
    seen.length = 0;
    const { model, weights } = withWeightsApart(5);
    models.write("line/2/weights.bin", weights);
    for (let end = 1; end < model.length; end += Math.ceil(model.length / 12)) {
      models.write("line/2/model.onnx", model.subarray(0, end));
      await new Promise((resolve) => setTimeout(resolve, 40));
      expect(seen).toEqual([]);
    }
    models.write("line/2/model.onnx", model);
    await expect.poll(() => factor(repository, "line")).toBe(5);
    expect(seen.filter((state) => state.startsWith("2"))).toEqual(["2 LOADING", "2 READY"]);
  });

  it("unloads what is deleted", async () => {
    const models = folder();
    for (const version of ["1", "2"]) models.version("line", version, Number(version));
    models.version("other", "1", 3);
    const repository = await open(models, { mode: "watch" });
    models.remove("line/2");
    await expect.poll(() => factor(repository, "line")).toBe(1);
    models.remove("line");
    await expect.poll(() => states(repository)).toEqual(["other 1 READY"]);
    expect(repository.models()).toEqual([{ name: "other", versions: ["1"] }]);
    models.version("line", "5", 5);
    await expect.poll(() => states(repository)).toEqual(["other 1 READY", "line 5 READY"]);
  });

  it("takes nothing out of service because the whole folder is not there", async () => {
    const models = folder();
    models.version("line", "1", 1);
    const repository = await open(models, { mode: "watch", pollMs: 100 });
    renameSync(models.root, `${models.root}-away`);
    await expect.poll(() => warnings.length).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await factor(repository, "line")).toBe(1);
    renameSync(`${models.root}-away`, models.root);
    models.version("line", "2", 2);
    await expect.poll(() => factor(repository, "line")).toBe(2);
  });

  it("follows predikt.json, and keeps to the last one that was right", async () => {
    const models = folder();
    for (const version of ["1", "2"]) models.version("line", version, Number(version));
    const repository = await open(models, { mode: "watch" });
    expect(await factor(repository, "line")).toBe(2);
    models.write("line/predikt.json", { labels: { stable: "1" } });
    await expect.poll(() => factor(repository, "line")).toBe(1);
    models.write("line/predikt.json", { labels: { stable: 1 }, other: true, batching: { maxBatchSize: 0 } });
    await expect.poll(() => warnings.at(-1)?.reason).toContain("predikt.json");
    expect(warnings.at(-1)?.reason).toMatch(/labels.stable: text; batching.maxBatchSize: a whole number ≥ 1; .*no key "other"/);
    expect(await factor(repository, "line")).toBe(1);
    models.write("line/predikt.json", "{}");
    await expect.poll(() => factor(repository, "line")).toBe(2);
  });

  it("finds changes in a copy of a whole folder, and a link that is moved", async () => {
    const models = folder();
    models.version(".releases/1", "1", 1);
    models.version(".releases/2", "1", 2);
    symlinkSync(".releases/1", join(models.root, "line"));
    const repository = await open(models, { mode: "watch", pollMs: 100 });
    expect(await factor(repository, "line")).toBe(1);
    symlinkSync(".releases/2", join(models.root, "next"));
    renameSync(join(models.root, "next"), join(models.root, "line"));
    await expect.poll(() => factor(repository, "line")).toBe(2);
    cpSync(join(models.root, ".releases/1"), join(models.root, "copy"), { recursive: true });
    await expect.poll(() => factor(repository, "copy").catch(() => undefined)).toBe(1);
    writeFileSync(join(models.root, "stray.onnx"), "");
    await expect.poll(() => warnings.map(({ path }) => path)).toContain("stray.onnx");
  });
});

/** Requests, one after the other, and what came of them. */
function constant(repository: Repository) {
  const answers = new Set<number>();
  const failures: unknown[] = [];
  let stopped = false;
  const loops = [1, 2, 3].map(async () => {
    while (!stopped) {
      await factor(repository, "line").then(
        (answer) => answers.add(answer),
        (error: unknown) => failures.push(error),
      );
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  const stop = async (): Promise<void> => {
    stopped = true;
    await Promise.all(loops);
  };
  return { answers, failures, stop };
}
