import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath } from "../browser/chromium.ts";
import { versionOf } from "../packaging/consumer.ts";
import { type App, makeApp, packed, type Served } from "./app.ts";
import { cases, expectAnswer, expectCase, expectLean } from "./expectations.ts";
import { openBrowser, visit } from "./visitor.ts";

const next = "next/dist/bin/next";

describe.skipIf(chromiumPath === undefined)("Next with Turbopack (needs Chromium: scripts/tools)", () => {
  let app: App;
  let browser: Browser;
  let served: Served;
  let printed: string;
  beforeAll(async () => {
    const react = ["react", "react-dom"].map((name) => versionOf("tests", name));
    app = await makeApp("next", [...packed("core", "web", "react"), "next@16.4.6", ...react]);
    app.add("next/app", "app");
    app.add("app.js", "app/app.js");
    printed = await app.build(next, "build");
    served = await app.serve(next, "start", "--hostname", "127.0.0.1", "--port", "0");
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.stop();
    app?.remove();
  });

  it("renders the page on the server, where importing the packages does nothing", () => {
    expect(printed).toMatch(/○ \/\n/);
    expect(printed).not.toMatch(/warn|error/i);
  });

  it.each(cases)("answers on $device with $threads threads", (each) => expectCase(browser, served, app, each));

  it("emits no file that is too large", () => expectLean(app.files(".next")));

  it("has threads by headers of its own, as the guide says", async () => {
    const lines = [
      'import { isolationHeaders } from "@predikt/core/serving";',
      "const headers = Object.entries(isolationHeaders()).map(([key, value]) => ({ key, value }));",
      'export default { headers: async () => [{ source: "/:path*", headers }] };',
    ];
    app.write("next.config.mjs", lines.join("\n"));
    await app.build(next, "build");
    const isolated = await app.serve(next, "start", "--hostname", "127.0.0.1", "--port", "0");
    expectAnswer(await visit(browser, `${isolated.url}/?device=wasm&threads=2`), { device: "wasm", threads: 2 });
    await isolated.stop();
  });
});
