import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { chromiumPath } from "./chromium.ts";
import { type Loaded, launch, modelBytes, StoreVisit, sha256Of } from "./model-store/store-visit.ts";

/** What every progress promises. */
function expectProgress({ progress, size }: Loaded): void {
  for (const [i, { loaded, total }] of progress.entries()) {
    expect(loaded).toBeGreaterThanOrEqual(progress[i - 1]?.loaded ?? 0);
    if (total !== undefined) expect(loaded).toBeLessThanOrEqual(total);
  }
  expect(progress.at(-1)).toMatchObject({ loaded: size, total: size });
}

const cors = { "access-control-allow-origin": "*" };

describe.skipIf(chromiumPath === undefined)("the model's download in a real browser (needs Chromium: scripts/tools)", () => {
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

  /** The same server under another origin's name. */
  const elsewhere = (path: string): string => `http://localhost:${visit.server.port}${path}`;

  it.each(["opfs", "cache", "memory"])("%s: goes on after a broken connection, with the bytes that are missing", async (store) => {
    const bytes = modelBytes(5_000_000);
    visit.server.files.set("/m.onnx", { bytes, etag: '"1"', breakAfter: 3_000_000 });
    const loaded = await visit.load({ url: "/m.onnx", store });
    expect(loaded).toMatchObject({ sha256: sha256Of(bytes), events: [] });
    const [first, second, ...more] = visit.server.hits;
    expect(more).toEqual([]);
    expect(first).toMatchObject({ status: 200 });
    const from = Number(/^bytes=(\d+)-$/.exec(second?.range ?? "")?.[1]);
    expect(from).toBeGreaterThan(0);
    expect(second).toMatchObject({ status: 206, ifRange: '"1"', sent: bytes.byteLength - from });
    expectProgress(loaded);
  });

  it("starts over where the server serves no ranges or has another version, and progress does not fall", async () => {
    const bytes = modelBytes(5_000_000);
    const changed = modelBytes(5_000_000);
    visit.server.files.set("/m.onnx", { bytes, etag: '"1"', ranges: false, breakAfter: 3_000_000 });
    const whole = await visit.load({ url: "/m.onnx" });
    expect(whole).toMatchObject({ sha256: sha256Of(bytes) });
    expect(visit.server.hits.map(({ status }) => status)).toEqual([200, 200]);
    expectProgress(whole);

    const file = { bytes, etag: '"1"', stallAfter: 3_000_000 };
    visit.server.files.set("/n.onnx", file);
    await visit.run(`(globalThis.n = connect().loadUntil(${visit.request({ url: "/n.onnx", idleTimeoutMs: 1000 })}, 1, () => {}), 1)`);
    await expect.poll(() => visit.server.of("/n.onnx").length).toBe(1);
    visit.server.files.set("/n.onnx", { bytes: changed, etag: '"2"' });
    const other = await visit.run<Loaded>("n");
    expect(other).toMatchObject({ sha256: sha256Of(changed) });
    expect(visit.server.of("/n.onnx").map(({ status }) => status)).toEqual([200, 200]);
    expectProgress(other);
  });

  it("goes on after a reload of the page, from the part that was written", async () => {
    const bytes = modelBytes(6_000_000);
    visit.server.files.set("/m.onnx", { bytes, etag: '"1"', stallAfter: 4_500_000 });
    await visit.run(`new Promise((resolve) => { connect().loadUntil(${visit.request({ url: "/m.onnx" })}, 3_000_000, resolve); })`);
    await visit.reload();
    const loaded = await visit.load({ url: "/m.onnx" });
    expect(loaded).toMatchObject({ sha256: sha256Of(bytes), fromCache: false, events: [] });
    const rest = visit.server.hits.at(-1);
    expect(rest).toMatchObject({ status: 206, ifRange: '"1"' });
    expect(rest?.sent).toBeLessThanOrEqual(4_000_000);
    expect(await visit.files()).toEqual([loaded.key, `${loaded.key}.json`].sort());
  });

  it("a part that a longer file has left, or that the server has no more, does no harm", async () => {
    visit.server.files.set("/m.onnx", { bytes: modelBytes(6_000_000), etag: '"1"', stallAfter: 4_500_000 });
    await visit.run(`new Promise((resolve) => { connect().loadUntil(${visit.request({ url: "/m.onnx" })}, 3_000_000, resolve); })`);
    await visit.reload();
    const shorter = modelBytes(1_500_000);
    visit.server.files.set("/m.onnx", { bytes: shorter, etag: '"1"' });
    expect(await visit.load({ url: "/m.onnx", retries: 0 })).toMatchObject({ sha256: sha256Of(shorter), events: [] });
    expect(visit.server.hits.map(({ status }) => status)).toEqual([200, 416, 200]);
    expect(await visit.load({ url: "/m.onnx" })).toMatchObject({ fromCache: true, size: 1_500_000, events: [] });
  });

  it("parts that do not belong together are found by the digest, and the whole is fetched once", async () => {
    const bytes = modelBytes(5_000_000);
    const file = { bytes: modelBytes(5_000_000), etag: '"same"', breakAfter: 3_000_000 };
    visit.server.files.set("/m.onnx", file);
    await visit.run(`(globalThis.m = connect().load(${visit.request({ url: "/m.onnx", sha256: sha256Of(bytes) })}), 1)`);
    await expect.poll(() => visit.server.hits[0]?.sent).toBe(3_000_000);
    file.bytes = bytes;
    expect(await visit.run("m")).toMatchObject({ sha256: sha256Of(bytes) });
    expect(visit.server.hits.map(({ status }) => status)).toEqual([200, 206, 200]);
  });

  it.each([true, false])("a compressed reply never passes its total (size known: %s)", async (known) => {
    const bytes = new Uint8Array(6_000_000).fill(8);
    for (const [path, url] of [
      ["/m.onnx", "/m.onnx"],
      ["/other.onnx", elsewhere("/other.onnx")],
    ] as const) {
      visit.server.files.set(path, { bytes, etag: '"1"', gzip: true, cors });
      const loaded = await visit.load({ url, ...(known ? { size: bytes.byteLength } : {}) });
      expect(loaded).toMatchObject({ size: bytes.byteLength, sha256: sha256Of(bytes) });
      expectProgress(loaded);
      if (known) for (const { total } of loaded.progress) expect(total).toBe(bytes.byteLength);
    }
  });

  it("another origin: revalidates and goes on although it allows no header of ours, and hides its own", async () => {
    const bytes = modelBytes(5_000_000);
    const exposing = { ...cors, "access-control-expose-headers": "etag" };
    visit.server.files.set("/m.onnx", { bytes, etag: '"1"', cors: exposing, breakAfter: 3_000_000 });
    const request = { url: elsewhere("/m.onnx") };
    const loaded = await visit.load({ ...request, sha256: sha256Of(bytes) });
    expect(loaded).toMatchObject({ sha256: sha256Of(bytes), events: [] });
    expect(visit.server.hits.map(({ method, status }) => [method, status])).toEqual([
      ["GET", 200],
      ["GET", 206],
    ]);
    await visit.load(request);
    visit.server.hits.length = 0;
    expect(await visit.load(request)).toMatchObject({ fromCache: true });
    expect(visit.server.hits.map(({ method, status }) => [method, status])).toEqual([
      ["OPTIONS", 403],
      ["GET", 200],
    ]);
    const changed = modelBytes(400_000);
    visit.server.files.set("/m.onnx", { bytes: changed, etag: '"2"', cors: exposing });
    expect(await visit.load(request)).toMatchObject({ fromCache: false, sha256: sha256Of(changed) });
    // Without leave, what failed is told as far as a browser tells it.
    visit.server.files.set("/closed.onnx", { bytes });
    const closed = await visit.load({ url: elsewhere("/closed.onnx"), retries: 0 });
    expect(closed.error).toMatchObject({ code: "MODEL_FETCH", message: expect.stringContaining("CORS") });
  });

  it.each([
    ["an index.html by its type", { type: "text/html; charset=utf-8", bytes: "<!doctype html><title>app</title>" }, "index.html"],
    ["an index.html by its bytes", { bytes: "\n<!doctype html><title>app</title>" }, "index.html"],
    ["JSON", { bytes: '{"error": "no such model"}' }, "JSON"],
    ["a Git LFS pointer", { bytes: "version https://git-lfs.github.com/spec/v1\noid sha256:00" }, "Git LFS"],
    ["nothing", { bytes: "" }, "empty"],
  ])("%s is no model, and is not stored", async (_what, { bytes, ...rest }, reason) => {
    visit.server.files.set("/m.onnx", { ...rest, bytes: new TextEncoder().encode(bytes), etag: '"1"' });
    const { error } = await visit.load({ url: "/m.onnx?token=secret" });
    expect(error).toMatchObject({ code: "MODEL_INVALID", message: expect.stringContaining(reason) });
    expect(error?.message).toContain(`http://127.0.0.1:${visit.server.port}/m.onnx`);
    expect(error?.message).not.toContain("secret");
    expect(await visit.files()).toEqual([]);
    expect(visit.server.hits).toHaveLength(1);
  });

  it.each([
    [404, "MODEL_NOT_FOUND", 1],
    [410, "MODEL_NOT_FOUND", 1],
    [403, "MODEL_FETCH", 1],
    [503, "MODEL_FETCH", 2],
    [429, "MODEL_FETCH", 2],
  ])("status %i is %s after %i requests", async (status, code, requests) => {
    visit.server.files.set("/m.onnx", { status });
    expect((await visit.load({ url: "/m.onnx", retries: 1 })).error).toMatchObject({ code });
    expect(visit.server.hits).toHaveLength(requests);
    expect(await visit.files()).toEqual([]);
  });

  it("a reply that ends before its time fails with a code, and its part is gone on from", async () => {
    const bytes = modelBytes(3_000_000);
    visit.server.files.set("/m.onnx", { bytes, etag: '"1"', breakAfter: 2_000_000 });
    expect((await visit.load({ url: "/m.onnx", retries: 0 })).error).toMatchObject({ code: "MODEL_FETCH", details: { attempts: 1 } });
    expect(await visit.run("store.list()")).toEqual([]);
    expect(await visit.load({ url: "/m.onnx", retries: 0 })).toMatchObject({ sha256: sha256Of(bytes) });
    expect(visit.server.hits.at(-1)).toMatchObject({ status: 206 });
  });

  it("a server that falls silent is given up", async () => {
    visit.server.files.set("/m.onnx", { bytes: modelBytes(), stallAfter: 1000 });
    const { error } = await visit.load({ url: "/m.onnx", retries: 0, idleTimeoutMs: 300 });
    expect(error).toMatchObject({ code: "MODEL_FETCH", message: expect.stringContaining("no byte came for 300 ms") });
  });

  it("refuses more bytes than are allowed, of a download as of the store", async () => {
    visit.server.files.set("/m.onnx", { bytes: modelBytes(), etag: '"1"' });
    expect((await visit.load({ url: "/m.onnx", maxBytes: 299_999 })).error).toMatchObject({ code: "MODEL_REFUSED" });
    await visit.load({ url: "/m.onnx" });
    expect((await visit.load({ url: "/m.onnx", maxBytes: 299_999 })).error).toMatchObject({ code: "MODEL_REFUSED" });
    visit.server.files.set("/zip.onnx", { bytes: new Uint8Array(2_000_000), gzip: true });
    expect((await visit.load({ url: "/zip.onnx", maxBytes: 1_000_000 })).error).toMatchObject({ code: "MODEL_REFUSED" });
  });

  it.each(["opfs", "cache", "memory"])("%s: an abort rejects at once with its reason, and leaves nothing half", async (store) => {
    const bytes = modelBytes(3_000_000);
    visit.server.files.set("/m.onnx", { bytes, etag: '"1"', stallAfter: 2_000_000 });
    const request = visit.request({ url: "/m.onnx", store });
    const aborted = await visit.run<Loaded>(`(async () => {
      globalThis.there = connect();
      return there.loadUntil(${request}, 1, (id) => there.call("abort", { of: id, reason: "gone away" }));
    })()`);
    expect(aborted.error?.message).toBe("gone away");
    expect(await visit.run("store.list()")).toEqual([]);
    // The same worker, at once: nothing is locked any more.
    expect(await visit.run(`there.load(${request})`)).toMatchObject({ sha256: sha256Of(bytes), events: [] });
  });

  it("data: and blob: URLs are read and not stored", async () => {
    const data = `data:application/octet-stream;base64,${Buffer.from(modelBytes(1000)).toString("base64")}`;
    expect(await visit.load({ url: data })).toMatchObject({ size: 1000, fromCache: false });
    const blob = await visit.run<string>("URL.createObjectURL(new Blob([new Uint8Array(2000).fill(8)]))");
    const loaded = await visit.load({ url: blob });
    expect(loaded).toMatchObject({ size: 2000, fromCache: false });
    expectProgress(loaded);
    expect(await visit.run("store.list()")).toEqual([]);
    await visit.run(`URL.revokeObjectURL(${JSON.stringify(blob)})`);
    expect((await visit.load({ url: blob })).error).toMatchObject({ code: "MODEL_FETCH", details: { attempts: 1 } });
  });
});
