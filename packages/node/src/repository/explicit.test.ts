import type { RegistryEvent } from "@predikt/core/registry";
import { describe, expect, it } from "vitest";
import { closeAfterEach, factor, folder, open, states } from "../../test/open-repositories.ts";
import { codeOf } from "../../test/program.ts";
import { openRepository } from "./open-repository.ts";

closeAfterEach();

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

  it("loads one version alone, whatever the policy and labels say, and what they say once the model is asked for", async () => {
    const models = folder();
    for (const version of ["1", "2", "3"]) models.version("line", version, Number(version));
    models.write("line/predikt.json", { policy: { latest: 1 }, labels: { stable: "2" } });
    const repository = await open(models, { mode: "explicit" });
    await repository.load("line", "1");
    expect(states(repository)).toEqual(["line 3 UNKNOWN", "line 2 UNKNOWN", "line 1 READY"]);
    expect(await factor(repository, "line")).toBe(1);
    await repository.load("line");
    expect(states(repository)).toEqual(["line 3 READY", "line 2 READY", "line 1 READY"]);
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

  it("has the last word of loads and unloads that come at once, also while files are looked at", async () => {
    const models = folder();
    for (const version of ["1", "2"]) models.version("line", version, Number(version));
    const repository = await open(models, { mode: "explicit" });
    const given = [codeOf(repository.load("line")), codeOf(repository.load("line", "1"))];
    await repository.unload("line");
    expect(await Promise.all(given)).toEqual(["CLOSED", "CLOSED"]);
    expect(states(repository).some((state) => state.endsWith("READY"))).toBe(false);
    const opening = new Promise<void>((resolve) => {
      repository.on("version-state-changed", ({ state }) => state === "LOADING" && resolve());
    });
    models.version("line", "3", 3);
    const during = codeOf(repository.load("line"));
    await opening;
    await repository.unload("line");
    expect([await during, states(repository).some((state) => state.endsWith("READY"))]).toEqual(["CLOSED", false]);
    const one = codeOf(repository.load("line", "1"));
    const two = repository.load("line", "2");
    await repository.unload("line", "1");
    await two;
    expect([await one, await factor(repository, "line")]).toEqual(["CLOSED", 2]);
    // What comes after an unload is not opened because one version is asked for.
    await repository.unload("line");
    models.version("line", "4", 4);
    await repository.load("line", "1");
    expect(states(repository)[0]).toBe("line 4 UNKNOWN");
    expect(await factor(repository, "line")).toBe(1);
  });

  it("opens nothing again that serves as it is on disk, and what was unloaded anew", async () => {
    const models = folder();
    models.version("line", "1", 1);
    const loads: string[] = [];
    const onRegistryEvent = (event: RegistryEvent): void => {
      if (event.type === "version-state-changed" && event.loadMs !== undefined) loads.push(event.version);
    };
    const repository = await open(models, { mode: "explicit", load: ["line"], onRegistryEvent });
    await repository.load("line");
    models.version("line", "2", 2);
    await repository.load("line");
    await repository.load("line");
    await repository.load("line", "2");
    expect(loads).toEqual(["1", "2"]);
    await repository.unload("line", "2");
    await repository.load("line");
    expect(loads).toEqual(["1", "2", "2"]);
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
