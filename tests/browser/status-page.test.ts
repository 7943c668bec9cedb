import { createServer } from "node:http";
import { createPredictor, tensor } from "@predikt/core";
import type { AnyPredictor, ModelResolver, ServedModel } from "@predikt/core/serving";
import { type FakeBackend, fakeBackend } from "@predikt/core/testing";
import { createRequestListener } from "@predikt/node/http";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, listen, startBrowser } from "./chromium.ts";
import { type LocalServer, listenHere } from "./local-server.ts";

/** Where screenshots go, for whoever wants to look at them. Default: nowhere. */
const shots = process.env["PREDIKT_SCREENSHOTS"];
const one = { x: tensor("float32", [1], [1, 1]) };

describe.skipIf(chromiumPath === undefined)("the status page in Chromium (needs it: scripts/tools)", () => {
  let browser: Browser;
  let server: LocalServer;
  let slow: FakeBackend;
  let models: AnyPredictor[];
  let served: ServedModel[];
  let close: () => Promise<void>;

  beforeAll(async () => {
    browser = await startBrowser();
    slow = fakeBackend();
    const open = async (name: string, version: string, backend: FakeBackend, options: object = {}): Promise<AnyPredictor> =>
      (await createPredictor({ name, version, backend, source: "m", example: one, ...options })) as unknown as AnyPredictor;
    const failing = fakeBackend({
      compute: ({ x }) => {
        if (x?.data[0] === 13) throw new Error("unlucky");
        return { y: { type: "float32", data: Float32Array.of(1), dims: x?.dims ?? [] } };
      },
    });
    models = [
      await open("digits", "7", fakeBackend(), { batching: { maxBatchSize: 32 } }),
      await open("digits", "8", failing),
      await open("spam-filter-with-a-name-that-is-long_enough-to-wrap", "1", slow),
    ];
    served = models.map((predictor, i) => {
      const { name, version } = predictor.info;
      return { name, version, labels: [["stable"], ["canary"], ["stable"]][i] as string[], predictor };
    });
    const resolver: ModelResolver = {
      resolve: (name) => served.find((model) => model.name === name)?.predictor as AnyPredictor,
      list: () => served,
      index: () => [
        {
          name: "digits",
          version: "9",
          state: "UNAVAILABLE",
          reason: "golden case 0: expected 7, got <script>alert(1)</script>",
          labels: [],
        },
      ],
      traffic: (name) =>
        name !== "digits"
          ? undefined
          : {
              split: [],
              versions: [
                { version: "7", weight: 0.9, requests: 900, errors: 1, p50Ms: 1.2, p95Ms: 3.4 },
                { version: "8", weight: 0.1, requests: 100, errors: 9, p50Ms: 1.3, p95Ms: undefined },
              ],
              shadow: { version: "9", compared: 50, dropped: 2, failed: 0, agreement: 0.98, meanAbsoluteDifference: 0, latencyRatio: 1.25 },
              rollbacks: [{ reason: 'version "6" lost its traffic to "7": 8.0 % of its calls failed, more than 5 %' }],
            },
    };
    const listener = createRequestListener({ models: resolver, default: "digits", prefix: "/api", title: "Ward 9" });
    server = await listenHere(createServer(listener));
    close = () => listener.close();
  });
  afterAll(async () => {
    slow?.hold(false);
    slow?.release();
    await close?.();
    await server?.close();
    await browser?.close();
    await Promise.all(models.map((model) => model.close()));
  });

  /** Requests for the page to show, some before each of its looks. */
  async function load(page: Page, looks: number): Promise<void> {
    const [digits, canary, spam] = models as [AnyPredictor, AnyPredictor, AnyPredictor];
    slow.hold(true);
    void Promise.allSettled([1, 2, 3].map(() => spam.predict(one)));
    for (let i = 0; i < looks; i++) {
      await Promise.all(Array.from({ length: 40 + 30 * (i % 3) }, () => digits.predict(one)));
      await Promise.allSettled([5, 6, 13].map((x) => canary.predict({ x: tensor("float32", [x], [1, 1]) })));
      await page.waitForResponse(/status\.json$/);
    }
    slow.release();
  }

  async function look(page: Page): Promise<void> {
    await page.goto(`${server.origin}/api/status`);
    await page.locator("article").first().waitFor();
  }

  it.each([
    ["light", 1100, 5],
    ["dark", 1100, 1],
    ["light", 375, 1],
    ["dark", 320, 1],
  ] as const)("shows what happens, %s and %i wide", async (colorScheme, width, looks) => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    const complaints = listen(page);
    const requests: string[] = [];
    page.on("request", (request) => requests.push(new URL(request.url()).pathname));
    await look(page);
    await load(page, looks);
    await page.waitForFunction(() => /[1-9]\d*(\.\d)?p50\d/.test(document.querySelector("article dl")?.textContent ?? ""));
    const text = await page.locator("body").textContent();
    for (const part of ["Ward 9", "3 of 4 versions open", "Version 7", "canary", "unavailable", "<script>alert(1)</script>"])
      expect(text).toContain(part);
    expect(text).toMatch(/version 7: 90 % of traffic · requests 900 · errors 1 · p95 3\.4 ms/);
    expect(text).toMatch(/shadow version 9: 50 compared, 98 % agree, 1\.25 × the time/);
    expect(text).toMatch(/rolled back: version "6"/);
    const [digits, canary] = await page.locator("article").allTextContents();
    expect(digits).toMatch(/Rows \/ run[1-9][\d.]*Waiting.*largest batch of the minute 32 rows/);
    expect(canary).toMatch(/Errors(33|[1-9]\d?) %/);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    expect(new Set(requests)).toEqual(new Set(["/api/status", "/api/status.json"]));
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(background).toBe(colorScheme === "dark" ? "rgb(20, 23, 27)" : "rgb(255, 255, 255)");
    if (shots !== undefined) await page.screenshot({ path: `${shots}/status-${colorScheme}-${width}.png`, fullPage: true });
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("takes away what is served no more, and says when the server is gone", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await look(page);
    const all = served;
    served = all.slice(0, 1);
    await page.locator("h2", { hasText: "spam" }).waitFor({ state: "detached" });
    expect(await page.locator("article").count()).toBe(2);
    await context.setOffline(true);
    await page.locator("#notice", { hasText: "the server cannot be reached" }).waitFor();
    expect(await page.locator("body").getAttribute("class")).toBe("stale");
    served = all;
    await context.setOffline(false);
    await page.locator("body:not(.stale) h2", { hasText: "spam" }).waitFor();
    expect(await page.locator("#notice").textContent()).toBe("");
    await context.close();
  });
});
