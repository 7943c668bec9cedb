import { describe, expect, it } from "vitest";
import { checkOptions } from "./check-options.ts";

const check = (options: object) => (): void => checkOptions({ source: "a.onnx", ...options } as never);

describe("options", () => {
  it.each<[object]>([
    [{}],
    [{ worker: false, threads: 2, store: "none", size: 10 }],
    [{ worker: { factory: () => {}, definitions: () => {}, hangTimeoutMs: 1 }, assets: { base: new URL("https://a.test/") } }],
    [
      {
        download: { headers: { a: "b" }, retries: 0, idleTimeoutMs: 1 },
        sessionOptions: { extra: { a: [1] } },
        limits: { domains: ["ai.onnx"] },
      },
    ],
    [{ externalData: { a: "b", b: new Uint8Array(1), c: { source: "d" } } }],
    [{ batching: true, queueLimit: 1, example: {}, warmup: false, retryLost: true, name: "a", clock: {}, onProgress: () => {} }],
    [{ worker: undefined, threads: undefined }],
  ])("%o pass", (options) => expect(check(options)).not.toThrow());

  it.each<[object, string]>([
    [{ threads: 0 }, "threads"],
    [{ threads: 1.5 }, "threads"],
    [{ thread: 2 }, "thread"],
    [{ execution: "worker" }, "execution"],
    [{ worker: true }, "worker"],
    [{ worker: null }, "worker"],
    [{ worker: { count: 2 } }, "worker.count"],
    [{ worker: { hangTimeoutMs: 0 } }, "worker.hangTimeoutMs"],
    [{ worker: { hangTimeoutMs: 2 ** 31 } }, "worker.hangTimeoutMs"],
    [{ worker: { factory: "worker.js" } }, "worker.factory"],
    [{ worker: { definitions: {} } }, "worker.definitions"],
    [{ assets: "/assets" }, "assets"],
    [{ assets: { base: 1 } }, "assets.base"],
    [{ store: "disk" }, "store"],
    [{ size: -1 }, "size"],
    [{ limits: { maxModelBytes: () => {} } }, "limits.maxModelBytes"],
    [{ limits: { maxModelByte: 1 } }, "limits.maxModelByte"],
    [{ externalData: { a: 1 } }, "externalData"],
    [{ externalData: { a: { url: "b" } } }, "externalData"],
    [{ download: { retries: -1 } }, "download.retries"],
    [{ download: { headers: { a: 1 } } }, "download.headers"],
    [{ download: { fetch: () => {} } }, "download.fetch"],
    [{ sessionOptions: { log: () => {} } }, "sessionOptions"],
  ])("%o are refused, and the path is told", (options, path) => {
    expect(check(options)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path }) }));
  });
});
