import { cpSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RegistryEvent } from "@predikt/core/registry";
import { describe, expect, it } from "vitest";
import { closeAfterEach, factor, folder, open, states, warnings } from "../../test/open-repositories.ts";
import { times, withWeightsApart } from "../../test/repository.ts";
import type { Repository } from "./options.ts";

closeAfterEach();

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
