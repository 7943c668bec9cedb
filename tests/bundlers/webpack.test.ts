import { cpSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath } from "../browser/chromium.ts";
import { type App, makeApp, packed, type Served } from "./app.ts";
import { cases, expectCase, expectLean } from "./expectations.ts";
import { serveFolder } from "./folder.ts";
import { openBrowser } from "./visitor.ts";

describe.skipIf(chromiumPath === undefined)("webpack (needs Chromium: scripts/tools)", () => {
  let app: App;
  let browser: Browser;
  let served: Served;
  let printed: string;
  beforeAll(async () => {
    app = await makeApp("webpack", [...packed("core", "web"), "webpack@5.112.2", "webpack-cli@7.2.0"]);
    app.add("app.js", "src/app.js");
    app.add("page.js", "src/page.js");
    app.add("webpack.config.cjs");
    printed = await app.build("webpack-cli/bin/cli.js", "build");
    app.add("webpack.html", "dist/index.html");
    cpSync(join(app.folder, "public"), join(app.folder, "dist"), { recursive: true });
    served = await serveFolder(join(app.folder, "dist"));
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.stop();
    app?.remove();
  });

  it.each(cases)("answers on $device with $threads threads", (each) => expectCase(browser, served, app, each));

  it("finds everything, and warns of nothing but sizes", () => {
    const told = printed.match(/^(WARNING|ERROR) in .*$/gm) ?? [];
    expect(told.filter((line) => !/^WARNING in (asset size limit|webpack performance recommendations)/.test(line))).toEqual([]);
  });

  it("emits no file that is too large", () => expectLean(app.files("dist")));
});
