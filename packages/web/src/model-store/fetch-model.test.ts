import { sha256 as digest } from "@noble/hashes/sha2.js";
import { afterEach, describe, expect, it } from "vitest";
import { FakePlatform } from "../../test/fake-platform.ts";
import { fetchModel, forgetModel } from "./fetch-model.ts";
import { memoryStore } from "./memory-store.ts";
import type { DownloadProgress, FetchedModel, FetchRequest, StoreEvent } from "./types.ts";

const model = (size: number, fill = 8): Uint8Array<ArrayBuffer> => new Uint8Array(size).fill(fill);
const sha256Of = (bytes: Uint8Array): string => Array.from(digest(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
/** Lets what waits for streams and hashes go on. */
const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const url = "http://app.test/m.onnx";

/** A reply with a whole file, in chunks. */
const file =
  (bytes: Uint8Array<ArrayBuffer>, headers: Record<string, string> = { etag: '"1"' }) =>
  (): Response =>
    new Response(bytes, { headers: { "content-length": String(bytes.byteLength), ...headers } });
/** A reply that breaks off. */
const broken =
  (bytes: Uint8Array<ArrayBuffer>, after: number, headers: Record<string, string> = { etag: '"1"' }) =>
  (): Response => {
    const pieces = [bytes.subarray(0, after)];
    const body = new ReadableStream({
      pull(controller) {
        const piece = pieces.shift();
        if (piece === undefined) controller.error(new TypeError("network error"));
        else controller.enqueue(piece);
      },
    });
    return new Response(body, { headers: { "content-length": String(bytes.byteLength), ...headers } });
  };
const status =
  (code: number, headers: Record<string, string> = {}) =>
  (): Response =>
    new Response(code === 304 ? null : "", { status: code, headers });

interface Watched {
  readonly done: Promise<FetchedModel>;
  readonly progress: DownloadProgress[];
  readonly events: StoreEvent[];
}

/** Starts a load; the clock moves on by itself, so that nothing waits. */
function start(platform: FakePlatform, request: Partial<FetchRequest> = {}): Watched {
  const progress: DownloadProgress[] = [];
  const events: StoreEvent[] = [];
  const done = fetchModel(
    {
      url,
      store: "auto",
      retries: 3,
      idleTimeoutMs: 30_000,
      maxBytes: 2 ** 31,
      signal: new AbortController().signal,
      onProgress: (told) => progress.push(told),
      onEvent: (event) => events.push(event),
      ...request,
    },
    platform,
  );
  return { done, progress, events };
}

/** Waits until the load is over, moving the clock while it has timers. */
async function end({ done }: Watched, { clock }: FakePlatform): Promise<FetchedModel> {
  let over = false;
  const settled = (): void => {
    over = true;
  };
  done.then(settled, settled);
  while (!over) {
    await tick();
    if (!over && clock.pending > 0) await clock.advance(50);
  }
  return await done;
}

const load = (platform: FakePlatform, request?: Partial<FetchRequest>): Promise<FetchedModel> => end(start(platform, request), platform);

afterEach(async () => {
  for (const { key } of await memoryStore.list()) await memoryStore.remove(key);
});

describe("attempts", () => {
  it.each([408, 425, 429, 500, 503])("status %i is tried again", async (code) => {
    const platform = new FakePlatform();
    platform.answers = [status(code), status(code), file(model(1000))];
    expect(await load(platform)).toMatchObject({ fromCache: false });
    expect(platform.requests).toHaveLength(3);
  });

  it("wait longer each time, and as long as the server says", async () => {
    const platform = new FakePlatform();
    const times: number[] = [];
    platform.answers = [
      (_request) => {
        times.push(platform.now());
        return status(503, times.length === 3 ? { "retry-after": "7" } : {})();
      },
    ];
    await expect(load(platform)).rejects.toMatchObject({ code: "MODEL_FETCH", retryable: true, details: { url, attempts: 4 } });
    const waits = times.slice(1).map((at, i) => at - (times[i] as number));
    expect(waits[0]).toBeGreaterThanOrEqual(125);
    expect(waits[1]).toBeGreaterThanOrEqual(250);
    expect(waits[2]).toBeGreaterThanOrEqual(7000);
  });

  it("a network that is not there is MODEL_FETCH after all retries, once where none are wanted", async () => {
    const platform = new FakePlatform();
    await expect(load(platform)).rejects.toMatchObject({ code: "MODEL_FETCH", message: expect.stringContaining("Failed to fetch") });
    expect(platform.requests).toHaveLength(4);
    await expect(load(platform, { retries: 0 })).rejects.toMatchObject({ code: "MODEL_FETCH" });
    expect(platform.requests).toHaveLength(5);
  });

  it("an abort ends the wait between two of them, with its reason", async () => {
    const platform = new FakePlatform();
    platform.answers = [status(503)];
    const controller = new AbortController();
    const watched = start(platform, { signal: controller.signal });
    await expect.poll(() => platform.clock.pending).toBe(1);
    const reason = { mine: true };
    controller.abort(reason);
    await expect(watched.done).rejects.toBe(reason);
    await expect.poll(() => platform.clock.pending).toBe(0);
    await expect(start(platform, { signal: AbortSignal.abort("before") }).done).rejects.toBe("before");
    expect(platform.requests).toHaveLength(1);
  });

  it("a weak ETag is not gone on from; nor is an encoded body", async () => {
    for (const headers of [{ etag: 'W/"1"' }, { etag: '"1"', "content-encoding": "identity" }] as Record<string, string>[]) {
      const platform = new FakePlatform();
      platform.answers = [broken(model(1000), 600, headers), file(model(1000), headers)];
      await load(platform);
      expect(platform.requests.map(({ headers: sent }) => sent.get("range"))).toEqual([null, null]);
    }
  });

  it("another origin's network that comes back finds the bytes so far", async () => {
    const platform = new FakePlatform();
    const bytes = model(1000);
    const cross = (reply: () => Response) => (): Response => Object.defineProperty(reply(), "type", { value: "cors" });
    const gone = (): Response => {
      throw new TypeError("Failed to fetch");
    };
    const rest = cross(() => new Response(bytes.subarray(600), { status: 206, headers: { etag: '"1"', "content-length": "400" } }));
    platform.answers = [cross(broken(bytes, 600)), gone, gone, rest];
    const sha256 = sha256Of(bytes);
    expect(await load(platform, { url: "http://cdn.test/m.onnx", sha256 })).toMatchObject({ sha256 });
    expect(platform.requests.map(({ headers }) => headers.get("range"))).toEqual([null, "bytes=600-", null, "bytes=600-"]);
    expect(platform.requests.some(({ headers }) => headers.has("if-range"))).toBe(false);
  });

  it("another origin's short body is one that broke off; a little less than the length may be its encoding's", async () => {
    const platform = new FakePlatform();
    const cross = (bytes: number) => (): Response =>
      Object.defineProperty(new Response(model(bytes), { headers: { "content-length": "100100" } }), "type", { value: "cors" });
    platform.answers = [cross(90_000), cross(100_000)];
    expect((await load(platform)).bytes.byteLength).toBe(100_000);
    expect(platform.requests).toHaveLength(2);
  });
});

describe("progress", () => {
  it("is told ten times a second, first and last, and of a stall", async () => {
    const platform = new FakePlatform();
    let push: (bytes: number) => void = () => undefined;
    const finish: (() => void)[] = [];
    const body = new ReadableStream({
      start(controller) {
        push = (bytes) => controller.enqueue(model(bytes));
        finish.push(() => controller.close());
      },
    });
    platform.answers = [() => new Response(body, { headers: { "content-length": "1000" } })];
    const watched = start(platform);
    await expect.poll(() => watched.progress.length).toBe(1);
    for (let i = 0; i < 50; i++) {
      push(10);
      await tick();
    }
    expect(watched.progress).toEqual([{ loaded: 0, total: 1000, fromCache: false }]);
    await platform.clock.advance(100);
    expect(watched.progress.at(-1)).toEqual({ loaded: 500, total: 1000, fromCache: false });
    push(500);
    finish[0]?.();
    await watched.done;
    expect(watched.progress.slice(2)).toEqual([{ loaded: 1000, total: 1000, fromCache: false }]);
    expect(platform.clock.pending).toBe(0);
  });

  it("has no total once it was passed, and the size where that is known", async () => {
    const platform = new FakePlatform();
    platform.answers = [
      () => Object.defineProperty(new Response(model(1000), { headers: { "content-length": "10" } }), "type", { value: "cors" }),
    ];
    for (const size of [undefined, 1000]) {
      const watched = start(platform, { url: "http://cdn.test/m.onnx", store: "none", size });
      await end(watched, platform);
      expect(watched.progress[0]).toEqual({ loaded: 0, total: size ?? 10, fromCache: false });
      for (const { loaded, total } of watched.progress) expect(loaded).toBeLessThanOrEqual(total ?? loaded);
      expect(watched.progress.at(-1)).toEqual({ loaded: 1000, total: 1000, fromCache: false });
    }
  });
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

it.each([
  ["a digest that is none", { sha256: "../evil" }, "sha256"],
  ["a path", { url: "./m.onnx" }, "source"],
  ["a file URL", { url: "file:///m.onnx" }, "source"],
])("refuses %s", async (_what, request, path) => {
  const refused = start(new FakePlatform(), request).done;
  await expect(refused).rejects.toMatchObject({ code: "CONFIG_INVALID", details: { path } });
});
