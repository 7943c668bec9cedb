import { afterEach, describe, expect, it } from "vitest";
import { FakePlatform } from "../../test/fake-platform.ts";
import { end, file, load, model, sha256Of, start, url, type Watched } from "../../test/load.ts";
import { forgetModel } from "./fetch-model.ts";
import { memoryStore } from "./memory-store.ts";

afterEach(async () => {
  for (const { key } of await memoryStore.list()) await memoryStore.remove(key);
});

describe("storage", () => {
  it.each(["opfs", "cache"] as const)("%s: the least recently used go first, each with an event", async (store) => {
    const platform = new FakePlatform();
    platform.quota = 100_000;
    const get = async (name: string, size = 30_000): Promise<Watched> => {
      await platform.clock.advance(1000);
      platform.answers = [file(model(size, name.charCodeAt(0)))];
      const watched = start(platform, { store, url: `http://app.test/${name}`, sha256: sha256Of(model(size, name.charCodeAt(0))) });
      await end(watched, platform);
      return watched;
    };
    for (const name of ["a", "b", "c", "a"]) expect((await get(name)).events).toEqual([]);
    const { events } = await get("d", 50_000);
    expect(events.map(({ type, detail }) => [type, detail["url"]])).toEqual([
      ["store-evicted", "http://app.test/b"],
      ["store-evicted", "http://app.test/c"],
    ]);
    // What cannot fit is kept in memory, and found there.
    const big = await get("e", 200_000);
    expect(big.events.at(-1)).toMatchObject({ type: "store-degraded", detail: { wanted: store, store: "memory", quota: true } });
    expect(await (await get("e", 200_000)).done).toMatchObject({ fromCache: true });
  });

  it("leftovers go before any model does", async () => {
    const platform = new FakePlatform();
    platform.answers = [file(model(30_000))];
    await load(platform, { store: "opfs" });
    platform.files.set("url-gone.part", model(50_000));
    platform.files.set("lost", model(10_000));
    platform.quota = platform.used + 1000;
    platform.answers = [file(model(40_000))];
    const watched = start(platform, { store: "opfs", url: "http://app.test/n.onnx" });
    await end(watched, platform);
    expect(watched.events).toEqual([]);
    expect([...platform.files.keys()].filter((name) => !name.startsWith("url-") || name.includes("part"))).toEqual([]);
  });

  it("a store that fails in the middle of a download does not fail the load", async () => {
    const platform = new FakePlatform();
    const bytes = model(3_000_000);
    platform.answers = [
      () => {
        // The reply is there; from now on nothing can be written.
        platform.files.set = () => {
          throw new DOMException("the disk is gone", "InvalidStateError");
        };
        return file(bytes)();
      },
    ];
    const watched = start(platform, { store: "opfs" });
    expect(await end(watched, platform)).toMatchObject({ sha256: sha256Of(bytes) });
    expect(watched.events).toMatchObject([{ type: "store-degraded", detail: { reason: "the disk is gone", quota: false } }]);
  });

  it("denied files are followed by the Cache API without a word, unless files were asked for", async () => {
    const platform = new FakePlatform();
    platform.denied = new DOMException("not in a private window", "SecurityError");
    platform.answers = [file(model(1000))];
    const auto = start(platform);
    await end(auto, platform);
    expect(auto.events).toEqual([]);
    expect(platform.entries.size).toBe(2);
    const asked = start(platform, { store: "opfs", url: "http://app.test/n.onnx" });
    await end(asked, platform);
    expect(asked.events).toEqual([
      { type: "store-degraded", detail: { wanted: "opfs", store: "memory", reason: "opfs: not in a private window" } },
    ]);
  });

  it.each([
    ["is cut off", (bytes: Uint8Array) => bytes.subarray(0, 10), "expected 1000 bytes, got 10"],
    ["has another byte", (bytes: Uint8Array) => Uint8Array.from(bytes).fill(9, 500, 501), "SHA-256"],
  ])("an entry that %s is fetched once more", async (_what, damage, reason) => {
    const platform = new FakePlatform();
    platform.answers = [file(model(1000))];
    const { key } = await load(platform);
    platform.files.set(key, damage(platform.files.get(key) as Uint8Array));
    const watched = start(platform);
    expect(await end(watched, platform)).toMatchObject({ fromCache: false });
    expect(watched.events).toMatchObject([{ type: "store-corrupt", detail: { key, url, reason: expect.stringContaining(reason) } }]);
    expect(platform.requests.map(({ headers }) => headers.has("if-none-match"))).toEqual([false, false]);
  });

  it("what a URL was before goes when its new digest is stored", async () => {
    const platform = new FakePlatform();
    for (const bytes of [model(1000, 8), model(1000, 9)]) {
      platform.answers = [file(bytes)];
      await load(platform, { sha256: sha256Of(bytes) });
    }
    expect([...platform.files.keys()].sort()).toEqual([sha256Of(model(1000, 9)), `${sha256Of(model(1000, 9))}.json`].sort());
  });

  it("a forgotten model is fetched anew", async () => {
    const platform = new FakePlatform();
    platform.answers = [file(model(1000))];
    const { key } = await load(platform);
    await forgetModel(key, platform);
    expect(platform.files.size).toBe(0);
    expect(await load(platform)).toMatchObject({ fromCache: false });
    expect(platform.requests.at(-1)?.headers.has("if-none-match")).toBe(false);
  });

  it("two loads of one worker download once, without Web Locks too", async () => {
    const platform = new FakePlatform();
    platform.answers = [file(model(1000))];
    const request = { sha256: sha256Of(model(1000)), store: "memory" } as const;
    const [first, second] = await Promise.all([load(platform, request), load(platform, request)]);
    expect([first.fromCache, second.fromCache]).toEqual([false, true]);
    expect(platform.requests).toHaveLength(1);
  });
});
