import { describe, expect, it } from "vitest";
import { FakePlatform } from "../../test/fake-platform.ts";
import { broken, end, file, load, model, sha256Of, start, status, tick, url } from "../../test/load.ts";

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

it.each([
  ["a digest that is none", { sha256: "../evil" }, "sha256"],
  ["a path", { url: "./m.onnx" }, "source"],
  ["a file URL", { url: "file:///m.onnx" }, "source"],
])("refuses %s", async (_what, request, path) => {
  const refused = start(new FakePlatform(), request).done;
  await expect(refused).rejects.toMatchObject({ code: "CONFIG_INVALID", details: { path } });
});
