import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chromiumPath } from "./chromium.ts";
import { modelBytes, StoreVisit, sha256Of } from "./model-store/store-visit.ts";

describe.skipIf(chromiumPath === undefined)("a browser's profile on disk (needs Chromium: scripts/tools)", () => {
  let profile: string;
  let visit: StoreVisit;

  beforeEach(async () => {
    profile = mkdtempSync(join(tmpdir(), "predikt-profile-"));
    visit = await StoreVisit.startOnDisk(profile);
  });
  afterEach(async () => {
    await visit.end();
    rmSync(profile, { recursive: true, force: true });
  });

  it.each(["opfs", "cache"])(
    "%s: evicts the least recently used when the quota is short, and goes on in memory past that",
    async (store) => {
      for (const name of ["/a", "/b", "/c", "/d"]) visit.server.files.set(name, { bytes: modelBytes(2_000_000), etag: '"1"' });
      visit.server.files.set("/big", { bytes: modelBytes(14_000_000), etag: '"1"' });
      await visit.quota(8_000_000);
      await visit.load({ url: "/a", store });
      await visit.load({ url: "/b", store });
      // Used again, so that /b is the older one.
      await visit.load({ url: "/a", store });
      expect(await visit.load({ url: "/c", store })).toMatchObject({ events: [] });
      const loaded = await visit.load({ url: "/d", store });
      expect(loaded).toMatchObject({ fromCache: false, size: 2_000_000 });
      expect(loaded.events).toMatchObject([{ type: "store-evicted", detail: { url: expect.stringMatching(/\/b$/), bytes: 2_000_000 } }]);
      const big = await visit.load({ url: "/big", store });
      expect(big).toMatchObject({ size: 14_000_000, fromCache: false });
      expect(big.events.at(-1)).toMatchObject({ type: "store-degraded", detail: { wanted: store, store: "memory", quota: true } });
      // Here it can be tried whether removing would help: what is stored stays.
      if (store === "opfs") expect(await visit.stored()).toEqual(["/d", "/c", "/a"]);
      expect((await visit.files()).filter((name) => name.includes("part"))).toEqual([]);
    },
  );

  it.each(["opfs", "cache"])("%s: after a restart of the browser, nothing is asked for", async (store) => {
    const bytes = modelBytes();
    visit.server.files.set("/m.onnx", { bytes });
    await visit.load({ url: "/m.onnx", store, sha256: sha256Of(bytes) });
    await visit.restart(profile);
    expect(await visit.load({ url: "/m.onnx", store, sha256: sha256Of(bytes) })).toMatchObject({ fromCache: true, events: [] });
    expect(visit.server.hits).toHaveLength(1);
  });

  it("after a restart in the middle of a download, the rest is asked for", async () => {
    const bytes = modelBytes(6_000_000);
    visit.server.files.set("/m.onnx", { bytes, etag: '"1"', stallAfter: 4_500_000 });
    await visit.run(`new Promise((resolve) => { connect().loadUntil(${visit.request({ url: "/m.onnx" })}, 3_000_000, resolve); })`);
    await visit.restart(profile);
    expect(await visit.load({ url: "/m.onnx" })).toMatchObject({ sha256: sha256Of(bytes), events: [] });
    expect(visit.server.hits.at(-1)).toMatchObject({ status: 206 });
  });
});
