import { afterEach, describe, expect, it } from "vitest";
import { pretend } from "../../test/globals.ts";
import { defaultThreads } from "./threads.ts";

let restore: () => void = () => {};
afterEach(() => restore());

const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15";
const iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15";

describe("threads where nobody says", () => {
  it.each([
    [8, chrome, 0, 4],
    [16, chrome, 0, 4],
    [3, chrome, 0, 2],
    [2, chrome, 0, 1],
    [1, chrome, 0, 1],
    [undefined, chrome, 0, 1],
    [8, mac, 0, 4],
  ])("on an isolated page with %s processors are half of them, at most 4", (hardwareConcurrency, userAgent, maxTouchPoints, threads) => {
    restore = pretend({ crossOriginIsolated: true, navigator: { hardwareConcurrency, userAgent, maxTouchPoints } });
    expect(defaultThreads()).toBe(threads);
  });

  it.each([
    ["an iPhone", iphone, 5],
    ["an iPad, which calls itself a Macintosh", mac, 5],
  ])("on %s are one", (_name, userAgent, maxTouchPoints) => {
    restore = pretend({ crossOriginIsolated: true, navigator: { hardwareConcurrency: 8, userAgent, maxTouchPoints } });
    expect(defaultThreads()).toBe(1);
  });

  it("on a page that is not isolated are one", () => {
    restore = pretend({ crossOriginIsolated: false, navigator: { hardwareConcurrency: 8, userAgent: chrome } });
    expect(defaultThreads()).toBe(1);
  });
});
