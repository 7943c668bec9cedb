import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { chromiumPath } from "./chromium.ts";
import type { ServedFile } from "./model-store/file-server.ts";
import { type Lacks, type Loaded, launch, modelBytes, StoreVisit, sha256Of } from "./model-store/store-visit.ts";

const persistent = ["opfs", "cache"] as const;

describe.skipIf(chromiumPath === undefined)("the model store in a real browser (needs Chromium: scripts/tools)", () => {
  let browser: Browser;
  let visit: StoreVisit;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    visit = await StoreVisit.start(browser);
  });
  afterEach(() => visit.end());

  describe.each(persistent)("%s", (store) => {
    it("with a digest, asks the network once and never again", async () => {
      const bytes = modelBytes();
      visit.server.files.set("/m.onnx", { bytes });
      const request = { url: "/m.onnx", store, sha256: sha256Of(bytes).toUpperCase() };
      const first = await visit.load(request);
      expect(first).toMatchObject({ size: bytes.byteLength, sha256: sha256Of(bytes), key: sha256Of(bytes), fromCache: false, events: [] });
      expect(first.progress.at(-1)).toEqual({ loaded: bytes.byteLength, total: bytes.byteLength, fromCache: false });
      const second = await visit.load(request);
      expect(second).toMatchObject({ size: bytes.byteLength, fromCache: true, events: [] });
      expect(second.progress).toEqual([{ loaded: bytes.byteLength, total: bytes.byteLength, fromCache: true }]);
      expect(visit.server.of("/m.onnx")).toHaveLength(1);
    });

    it("with an ETag, revalidates without a body, and follows a change", async () => {
      visit.server.files.set("/m.onnx", { bytes: modelBytes(), etag: '"1"' });
      await visit.load({ url: "/m.onnx", store });
      expect(await visit.load({ url: "/m.onnx", store })).toMatchObject({ fromCache: true, size: 300_000 });
      expect(visit.server.hits.at(-1)).toMatchObject({ status: 304, sent: 0, ifNoneMatch: '"1"' });
      const changed = modelBytes(200_000);
      visit.server.files.set("/m.onnx", { bytes: changed, etag: '"2"' });
      expect(await visit.load({ url: "/m.onnx", store })).toMatchObject({ fromCache: false, sha256: sha256Of(changed), events: [] });
      // The old version is gone.
      expect(await visit.run("store.list()")).toMatchObject([{ sha256: sha256Of(changed), bytes: 200_000 }]);
    });

    it("without an ETag, revalidates by date, or by downloading again", async () => {
      const lastModified = "Tue, 24 Nov 2026 12:00:00 GMT";
      visit.server.files.set("/dated", { bytes: modelBytes(), lastModified });
      visit.server.files.set("/bare", { bytes: modelBytes() });
      for (const url of ["/dated", "/bare"]) await visit.load({ url, store });
      expect(await visit.load({ url: "/dated", store })).toMatchObject({ fromCache: true });
      expect(visit.server.hits.at(-1)).toMatchObject({ status: 304, ifModifiedSince: lastModified });
      expect(await visit.load({ url: "/bare", store })).toMatchObject({ fromCache: false });
      expect(visit.server.of("/bare").map(({ sent }) => sent)).toEqual([300_000, 300_000]);
    });

    it("uses the stored copy while the network is unreachable, and does not wait for it", async () => {
      const bytes = modelBytes();
      visit.server.files.set("/m.onnx", { bytes, etag: '"1"' });
      visit.server.files.set("/bare", { bytes });
      await visit.load({ url: "/m.onnx", store });
      await visit.load({ url: "/bare", store });
      for (const url of ["/m.onnx", "/bare"]) {
        const offline = await offlineLoad(url, store);
        expect(offline).toMatchObject({ fromCache: true, sha256: sha256Of(bytes), events: [] });
      }
      // A load of what is not stored fails, with a code.
      expect((await offlineLoad("/other", store)).error).toMatchObject({ code: "MODEL_FETCH" });
    });

    it("throws a damaged copy away and fetches once more", async () => {
      const bytes = modelBytes();
      visit.server.files.set("/m.onnx", { bytes, etag: '"1"' });
      const { key } = await visit.load({ url: "/m.onnx", store, sha256: sha256Of(bytes) });
      // Of the same size, another byte.
      await visit.run(`(async () => {
        const other = new Uint8Array(${bytes.byteLength}).fill(7);
        if (${store === "cache"}) return (await caches.open("predikt-models")).put("https://models.predikt.invalid/${key}", new Response(other));
        const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("predikt-models");
        const writable = await (await folder.getFileHandle("${key}")).createWritable();
        await writable.write(other);
        await writable.close();
      })()`);
      const again = await visit.load({ url: "/m.onnx", store, sha256: sha256Of(bytes) });
      expect(again).toMatchObject({ fromCache: false, sha256: sha256Of(bytes), events: [{ type: "store-corrupt", detail: { key } }] });
      expect(await visit.load({ url: "/m.onnx", store, sha256: sha256Of(bytes) })).toMatchObject({ fromCache: true, events: [] });
      expect(visit.server.hits).toHaveLength(2);
    });

    it("stores nothing whose digest is another", async () => {
      visit.server.files.set("/m.onnx", { bytes: modelBytes(3_000_000), etag: '"1"' });
      const wrong = await visit.load({ url: "/m.onnx", store, sha256: "0".repeat(64) });
      expect(wrong.error).toMatchObject({ code: "MODEL_INTEGRITY", details: { expected: "0".repeat(64) } });
      expect(visit.server.hits).toHaveLength(1);
      expect(await visit.run("store.list()")).toEqual([]);
      expect(await visit.files()).toEqual([]);
    });
  });

  it("two tabs and two workers that want the same model download it once", async () => {
    const bytes = modelBytes(3_000_000);
    visit.server.files.set("/m.onnx", { bytes, etag: '"1"' });
    const request = { url: "/m.onnx", sha256: sha256Of(bytes) };
    const other = await visit.tab();
    const loads = await Promise.all([visit.load(request), visit.load(request), visit.load(request, { on: other })]);
    for (const loaded of loads) expect(loaded).toMatchObject({ sha256: sha256Of(bytes), events: [] });
    expect(loads.map(({ fromCache }) => fromCache).sort()).toEqual([false, true, true]);
    expect(visit.server.hits).toHaveLength(1);
  });

  it("whoever waits for another tab's download may give up, and goes on when that tab does", async () => {
    const bytes = modelBytes(3_000_000);
    visit.server.files.set("/m.onnx", { bytes, etag: '"1"', stallAfter: 2_000_000 });
    const request = visit.request({ url: "/m.onnx" });
    const other = await visit.tab();
    await other.evaluate(`new Promise((resolve) => { connect().loadUntil(${request}, 1_500_000, resolve); })`);
    const gaveUp = await visit.run<Loaded>(`(async () => {
      const worker = connect();
      const loading = worker.call("load", { request: ${request} });
      const of = count;
      // A later call has its answer: the load has begun.
      await worker.call("kept", { url: "/" });
      await worker.call("abort", { of, reason: "no patience" });
      return loading;
    })()`);
    expect(gaveUp.error?.message).toBe("no patience");
    expect(visit.server.hits).toHaveLength(1);
    await visit.run(`(globalThis.waiting = connect().load(${request}), 1)`);
    await other.close();
    expect(await visit.run("waiting")).toMatchObject({ sha256: sha256Of(bytes), events: [] });
    expect(visit.server.hits.at(-1)).toMatchObject({ status: 206 });
  });

  it.each<[string, Lacks, string]>([
    ["move", [["FileSystemFileHandle", "move"]], "opfs"],
    ["Web Locks", [["WorkerNavigator", "locks"]], "opfs"],
    ["an estimate", [["StorageManager", "estimate"]], "opfs"],
    ["crypto.subtle", [["Crypto", "subtle"]], "opfs"],
    ["synchronous files", [["FileSystemFileHandle", "createSyncAccessHandle"]], "cache"],
    ["private files", [["StorageManager", "getDirectory"]], "cache"],
  ])("a browser without %s keeps models all the same", async (_what, lacks, place) => {
    const bytes = modelBytes();
    visit.server.files.set("/m.onnx", { bytes, etag: '"1"' });
    const changed = modelBytes();
    expect(await visit.load({ url: "/m.onnx" }, { lacks })).toMatchObject({ sha256: sha256Of(bytes), events: [] });
    visit.server.files.set("/m.onnx", { bytes: changed, etag: '"2"' });
    expect(await visit.load({ url: "/m.onnx" }, { lacks })).toMatchObject({ sha256: sha256Of(changed), fromCache: false, events: [] });
    const { key, ...again } = await visit.load({ url: "/m.onnx" }, { lacks });
    expect(again).toMatchObject({ sha256: sha256Of(changed), fromCache: true, events: [] });
    expect(await visit.files()).toEqual(place === "opfs" ? [key, `${key}.json`] : []);
    expect(await visit.run("store.list()")).toMatchObject([{ key, sha256: sha256Of(changed) }]);
  });

  it("a browser that denies all storage keeps models in memory, and says so once a load", async () => {
    const lacks: Lacks = [["StorageManager", "getDirectory"], ["caches"]];
    const bytes = modelBytes();
    visit.server.files.set("/m.onnx", { bytes, etag: '"1"' });
    const degraded = {
      type: "store-degraded",
      detail: { wanted: "auto", store: "memory", reason: expect.stringContaining("no Cache API") },
    };
    const request = visit.request({ url: "/m.onnx", sha256: sha256Of(bytes) });
    const loads = await visit.run(`(async () => {
      const worker = connect();
      return [await worker.load(${request}, ${JSON.stringify(lacks)}), await worker.load(${request})];
    })()`);
    expect(loads).toMatchObject([
      { fromCache: false, events: [degraded] },
      { fromCache: true, sha256: sha256Of(bytes), events: [degraded] },
    ]);
    expect(visit.server.hits).toHaveLength(1);
  });

  it("an insecure origin has memory and a digest, and the page's store is empty", async () => {
    const page = await visit.tab("insecure.test");
    expect(await page.evaluate("[isSecureContext, typeof caches, typeof crypto.subtle, typeof navigator.locks]")).toEqual([
      false,
      "undefined",
      "undefined",
      "undefined",
    ]);
    const bytes = modelBytes();
    visit.server.files.set("/m.onnx", { bytes, etag: '"1"' });
    const loaded = await visit.load({ url: "/m.onnx", sha256: sha256Of(bytes) }, { on: page });
    expect(loaded).toMatchObject({ sha256: sha256Of(bytes), fromCache: false });
    expect(loaded.events).toEqual([
      { type: "store-degraded", detail: { wanted: "auto", store: "memory", reason: expect.stringContaining("insecure origin") } },
    ]);
    expect((await visit.load({ url: "/m.onnx", sha256: "0".repeat(64) }, { on: page })).error).toMatchObject({ code: "MODEL_INTEGRITY" });
    expect(await page.evaluate("store.list()")).toEqual([]);
    expect(await page.evaluate("store.usage()")).toEqual({ kind: "memory", usedBytes: 0, persisted: false });
    expect(await page.evaluate("Promise.all([store.remove('a'), store.persist(), store.clear()])")).toEqual([false, false, undefined]);
  });

  it("a server that fails does not take a stored copy away", async () => {
    const file: ServedFile = { bytes: modelBytes(), etag: '"1"' };
    visit.server.files.set("/m.onnx", file);
    await visit.load({ url: "/m.onnx" });
    file.status = 503;
    expect(await visit.load({ url: "/m.onnx", retries: 1 })).toMatchObject({ fromCache: true });
    expect(visit.server.hits.map(({ status }) => status)).toEqual([200, 503, 503]);
    file.status = 404;
    expect((await visit.load({ url: "/m.onnx" })).error).toMatchObject({ code: "MODEL_NOT_FOUND" });
  });

  it("the page lists, removes and clears", async () => {
    for (const name of ["/a", "/b", "/c"]) visit.server.files.set(name, { bytes: modelBytes(), etag: '"1"' });
    const a = await visit.load({ url: "/a?token=secret" });
    const b = await visit.load({ url: "/b", store: "cache" });
    await visit.load({ url: "/c" });
    const list = await visit.run<Record<string, unknown>[]>("store.list()");
    expect(list.map(({ url }) => url)).toEqual(["/c", "/b", "/a"].map((path) => `http://127.0.0.1:${visit.server.port}${path}`));
    expect(list[2]).toEqual({
      key: a.key,
      url: expect.any(String),
      sha256: a.sha256,
      bytes: 300_000,
      storedAt: expect.any(Number),
      lastUsedAt: expect.any(Number),
    });
    expect(await visit.run("store.usage()")).toEqual({
      kind: "opfs",
      usedBytes: 900_000,
      quotaBytes: expect.any(Number),
      persisted: expect.any(Boolean),
    });
    // Use makes it the newest.
    await visit.load({ url: "/b", store: "cache" });
    expect((await visit.stored())[0]).toBe("/b");
    expect(await visit.run(`store.remove(${JSON.stringify(b.key)})`)).toBe(true);
    expect(await visit.run(`store.remove(${JSON.stringify(b.key)})`)).toBe(false);
    expect(await visit.stored()).toEqual(["/c", "/a"]);
    await visit.run(`connect().call("forget", ${JSON.stringify({ key: a.key })})`);
    expect(await visit.stored()).toEqual(["/c"]);
    await visit.run("store.clear()");
    expect(await visit.stored()).toEqual([]);
    expect(await visit.files()).toEqual([]);
    expect(await visit.load({ url: "/c" })).toMatchObject({ fromCache: false });
  });

  it("clears what it can while a download is under way, which ends well", async () => {
    visit.server.files.set("/a", { bytes: modelBytes(), etag: '"1"' });
    const bytes = modelBytes(3_000_000);
    visit.server.files.set("/m.onnx", { bytes, etag: '"1"', stallAfter: 2_000_000 });
    await visit.load({ url: "/a" });
    const request = visit.request({ url: "/m.onnx", idleTimeoutMs: 1500 });
    await visit.run(`new Promise((resolve) => { globalThis.m = connect().loadUntil(${request}, 1_500_000, resolve); })`);
    await visit.run("store.clear()");
    expect(await visit.stored()).toEqual([]);
    expect(await visit.run("m")).toMatchObject({ sha256: sha256Of(bytes) });
  });

  it("runtime files are kept for when the network fails", async () => {
    visit.server.files.set("/ort.wasm", { bytes: modelBytes(1000), type: "application/wasm" });
    const url = `http://127.0.0.1:${visit.server.port}/ort.wasm`;
    const kept = (): Promise<string | null> =>
      visit.run(`connect().call("kept", { url: ${JSON.stringify(url)} }).then((text) => text ?? null)`);
    expect(await kept()).toBeNull();
    for (let i = 0; i < 2; i++) await visit.run(`connect().call("keep", { url: ${JSON.stringify(url)} })`);
    expect(visit.server.hits).toHaveLength(1);
    expect(await kept()).not.toBeNull();
    // What is not there is not kept, and nothing is thrown.
    await visit.run(`connect().call("keep", { url: "/nothing.wasm" })`);
    expect(await visit.run(`connect().call("kept", { url: "/nothing.wasm" }).then((text) => text ?? null)`)).toBeNull();
    // Only the newest stay.
    for (let i = 0; i < 12; i++) {
      visit.server.files.set(`/${i}.wasm`, { bytes: modelBytes(10) });
      await visit.run(`connect().call("keep", { url: "/${i}.wasm" })`);
    }
    expect(await kept()).toBeNull();
    expect(await visit.run(`connect().call("kept", { url: "/0.wasm" }).then((text) => typeof text)`)).toBe("string");
  });

  /** Loads in a worker that was started while there was a network. */
  async function offlineLoad(url: string, store: string): Promise<Loaded> {
    await visit.context.setOffline(false);
    await visit.run("(globalThis.there = connect()).call('kept', { url: '/' })");
    await visit.context.setOffline(true);
    return await visit.run<Loaded>(`there.load(${visit.request({ url, store })})`);
  }
});
