import { join } from "node:path";
import { isolationHeaders } from "@predikt/core/serving";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath } from "../browser/chromium.ts";
import { versionOf } from "../packaging/consumer.ts";
import { type App, makeApp, packed, type Served } from "./app.ts";
import { type Case, cases, expectAnswer, expectCase, expectLean, expectOneRuntime } from "./expectations.ts";
import { serveFolder } from "./folder.ts";
import { openFront } from "./front.ts";
import { openBrowser, visit } from "./visitor.ts";

const vite = "vite/bin/vite.js";

describe.skipIf(chromiumPath === undefined)("Vite (needs Chromium: scripts/tools)", () => {
  let app: App;
  let browser: Browser;
  beforeAll(async () => {
    app = await makeApp("vite", [...packed("core", "web"), versionOf("", "vite")]);
    app.add("app.js", "src/app.js");
    app.add("page.js", "src/page.js");
    app.add("vite.html", "index.html");
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    app?.remove();
  });

  describe("the development server", () => {
    let served: Served;
    beforeAll(async () => {
      served = await app.serve(vite, "--host", "127.0.0.1", "--port", "0");
    });
    afterAll(() => served?.stop());

    it.each(cases)("answers on $device with $threads threads", (each) => expectCase(browser, served, app, each));

    it("answers on the page's own thread", async () => {
      expectAnswer(await visit(browser, `${served.url}/?device=wasm&worker=false`), { device: "wasm", threads: 1 });
    });

    it("has warned of nothing", () => expect(served.output()).not.toMatch(/warn|error/i));
  });

  describe("a build", () => {
    let served: Served;
    beforeAll(async () => {
      await app.build(vite, "build");
      served = await app.serve(vite, "preview", "--host", "127.0.0.1", "--port", "0");
    });
    afterAll(() => served?.stop());

    it.each(cases)("answers on $device with $threads threads", (each) => expectCase(browser, served, app, each));

    it("emits no file that is too large", () => expectLean(app.files("dist")));

    it.each(cases)("answers under a strict Content-Security-Policy, on $device with $threads threads", async (each) => {
      const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; img-src data:";
      const front = await openFront(served.url, { "content-security-policy": policy, ...(each.threads > 1 && isolationHeaders()) });
      expectAnswer(await visit(browser, `${front.url}/?device=${each.device}&threads=${each.threads}`), each);
      await front.close();
    });

    it.each([1, 2] as const)("answers on the page's own thread, with %i threads", async (threads) => {
      const front = await openFront(served.url, threads > 1 ? isolationHeaders() : {});
      const seen = await visit(browser, `${front.url}/?device=wasm&worker=false&threads=${threads}`);
      expectAnswer(seen, { device: "wasm", threads });
      expect(seen.shown.info).toMatchObject({ execution: "inline" });
      await front.close();
    });

    it.each([1, 2] as const)("takes the gzipped build where the browser has no JSPI, with %i threads", async (threads) => {
      const old = { worker: "delete WebAssembly.Suspending;" };
      const front = await openFront(served.url, threads > 1 ? isolationHeaders() : {}, old);
      expectAnswer(await visit(browser, `${front.url}/?device=webgpu&threads=${threads}`), { device: "webgpu", threads });
      expectOneRuntime(front, app, "asyncify");
      await front.close();
    });
  });

  it.each(cases)("a build for a path below the root answers, on $device with $threads threads", async (each) => {
    await app.build(vite, "build", "--base", "/app/", "--outDir", "below");
    const served = await serveFolder(join(app.folder, "below"), "/app/");
    await expectCase(browser, served, app, each, "/app/");
    await served.stop();
  });

  describe("files of another origin", () => {
    const cors = { "access-control-allow-origin": "*" };

    it.each(cases)("are found where a build is made for them, on $device with $threads threads", async (each) => {
      const page = await serveFolder(join(app.folder, "far"));
      const far = await serveFolder(join(app.folder, "far"), "/", cors);
      await app.build(vite, "build", "--base", `${far.url}/`, "--outDir", "far");
      await expectElsewhere(page, far, "", each);
    });

    it.each(cases)("are found by assets.base, on $device with $threads threads", async (each) => {
      const page = await serveFolder(join(app.folder, "dist"));
      const far = await serveFolder(join(app.folder, "node_modules/@predikt/web/dist"), "/copy/", cors);
      await expectElsewhere(page, far, `&base=${encodeURIComponent(`${far.url}/copy`)}`, each);
    });

    async function expectElsewhere(page: Served, far: Served, query: string, each: Case): Promise<void> {
      const front = await openFront(page.url, each.threads > 1 ? isolationHeaders() : {});
      expectAnswer(await visit(browser, `${front.url}/?device=${each.device}&threads=${each.threads}${query}`), each);
      expect(front.visits.filter(({ path }) => path.includes("ort-wasm"))).toEqual([]);
      for (const end of [front.close, page.stop, far.stop]) await end();
    }
  });

  it("assets.base names a copy at the same origin", async () => {
    const copy = await serveFolder(join(app.folder, "node_modules/@predikt/web/dist"), "/copy/");
    const site = await serveFolder(join(app.folder, "dist"));
    const front = await openFront((path) => (path.startsWith("/copy/") ? copy.url : site.url), isolationHeaders());
    const each = { device: "wasm", threads: 2 } as const;
    expectAnswer(await visit(browser, `${front.url}/?device=wasm&threads=2&base=/copy`), each);
    expect(front.visits.filter(({ path }) => path.includes("ort-wasm")).every(({ path }) => path.startsWith("/copy/ort/"))).toBe(true);
    for (const end of [front.close, copy.stop, site.stop]) await end();
  });

  it.each(["dev", "preview"])("the plugin's headers give threads to the %s server", async (command) => {
    app.write("isolated.config.js", 'import { predikt } from "@predikt/web/vite";\nexport default { plugins: [predikt()] };\n');
    const served = await app.serve(vite, command, "--config", "isolated.config.js", "--host", "127.0.0.1", "--port", "0");
    expectAnswer(await visit(browser, `${served.url}/?device=wasm&threads=2`), { device: "wasm", threads: 2 });
    await served.stop();
  });
});
