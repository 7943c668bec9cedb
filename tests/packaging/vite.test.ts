import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, startBrowser } from "../browser/chromium.ts";
import { type App, makeApp } from "../bundlers/app.ts";
import { expectAnswer, expectLean, expectOneRuntime } from "../bundlers/expectations.ts";
import { serveFolder } from "../bundlers/folder.ts";
import { openFront } from "../bundlers/front.ts";
import { visit } from "../bundlers/visitor.ts";
import { packAll, versionOf } from "./consumer.ts";

// The shortest way to an answer in a browser: the packed package, Vite, no configuration. npm run test:bundlers goes all others.

describe.skipIf(chromiumPath === undefined)("a build by Vite (needs Chromium: scripts/tools)", () => {
  let app: App;
  beforeAll(async () => {
    app = await makeApp("vite", async (folder) => {
      const { core, web } = await packAll(folder);
      return [core, web, versionOf("", "vite")];
    });
    app.add("app.js", "src/app.js");
    app.add("page.js", "src/page.js");
    app.add("vite.html", "index.html");
    await app.build("vite/bin/vite.js", "build");
  });
  afterAll(() => app?.remove());

  it("answers, without threads, by one build of the runtime", async () => {
    const served = await serveFolder(join(app.folder, "dist"));
    const front = await openFront(served.url);
    const browser = await startBrowser();
    expectAnswer(await visit(browser, `${front.url}/?device=wasm`), { device: "wasm", threads: 1 });
    expectOneRuntime(front, app, "wasm");
    for (const end of [() => browser.close(), front.close, served.stop]) await end();
  });

  it("emits each file once, and none that is too large", () => {
    const files = app.files("dist");
    expectLean(files);
    expect(files.filter(({ path }) => /worker/.test(path))).toHaveLength(1);
  });
});
