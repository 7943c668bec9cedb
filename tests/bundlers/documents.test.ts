import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, listen, noGpu, startBrowser } from "../browser/chromium.ts";
import { root, versionOf } from "../packaging/consumer.ts";
import { snippetsOf } from "../readme/snippets.ts";
import { type App, makeApp, packed, type Served } from "./app.ts";

// New applications of nothing but the documents' own blocks, as a reader would paste them.

const blocks = (document: string): ReadonlyMap<string, string> => new Map(snippetsOf(document).map(({ name, code }) => [name, code]));
const readme = blocks("README.md");
const block = (from: ReadonlyMap<string, string>, name: string): string => {
  const code = from.get(name);
  if (code === undefined) throw new Error(`no block is named ${name}`);
  return code;
};
const model = (): Uint8Array => readFileSync(join(root, "examples/digits/digits.onnx"));
const versions = (...names: readonly string[]): string[] => names.map((name) => versionOf("tests", name));
const icon = `<link rel="icon" href="data:," />`;

describe.skipIf(chromiumPath === undefined)("a new application (needs Chromium: scripts/tools)", () => {
  let browser: Browser;
  const opened: { app?: App; served?: Served } = {};
  beforeAll(async () => {
    browser = await startBrowser(noGpu);
  });
  afterAll(async () => {
    await browser?.close();
    await opened.served?.stop();
    opened.app?.remove();
  });

  /** Opens a page and waits for what it shows, with no complaint. */
  const shows = async (url: string, what: RegExp, act: (page: Page) => Promise<void> = async () => {}): Promise<void> => {
    const page = await (await browser.newContext()).newPage();
    const complaints = listen(page);
    await page.goto(url);
    await act(page);
    await expect.poll(() => page.textContent("output"), { timeout: 40_000 }).toMatch(what);
    expect(complaints).toEqual([]);
    await page.context().close();
  };
  const start = async (app: App, program: string, ...args: readonly string[]): Promise<string> => {
    opened.app = app;
    opened.served = await app.serve(program, ...args);
    return opened.served.url;
  };
  const end = async (): Promise<void> => {
    await opened.served?.stop();
    opened.app?.remove();
  };

  it("of Vite and React, by the README", async () => {
    const app = await makeApp("readme", [
      ...packed("core", "web", "react"),
      versionOf(".", "vite"),
      ...versions("react", "react-dom", "zod"),
    ]);
    for (const name of ["digits.ts", "browser.ts", "page.tsx"]) app.write(`src/${name}`, block(readme, name));
    app.write("public/digits.onnx", model());
    app.write(
      "src/main.tsx",
      `import { createElement } from "react"; import { createRoot } from "react-dom/client"; import "./browser.ts"; import { Page } from "./page.tsx";
       createRoot(document.getElementById("root")!).render(createElement(Page, { pixels: new Float32Array(784) }));`,
    );
    app.write("index.html", `<!doctype html>${icon}<div id="root"></div><script type="module" src="/src/main.tsx"></script>`);
    await app.build("vite/bin/vite.js", "build");
    await shows(await start(app, "vite/bin/vite.js", "preview", "--host", "127.0.0.1", "--port", "0"), /^\d on wasm$/);
    await end();
  });

  it("of Next.js, by its guide: the device predicts, and the server", async () => {
    const guide = blocks("docs/guides/nextjs.md");
    const typed = [...versions("typescript", "@types/react"), versionOf(".", "@types/node")];
    const packages = versions("react", "react-dom", "zod", "onnxruntime-node");
    const app = await makeApp("guide", [...packed("core", "node", "web", "react"), "next@16.4.6", ...packages, ...typed]);
    app.write("next.config.ts", block(guide, "next.config.ts"));
    app.write("app/digits.ts", block(readme, "digits.ts"));
    app.write("app/reader.tsx", block(guide, "reader.tsx"));
    app.write("app/api/[...path]/route.ts", block(guide, "route.ts").replace('"./digits.ts"', '"../../digits.ts"'));
    app.write("app/page.tsx", `import { Reader } from "./reader.tsx"; export default function Page() { return <Reader />; }`);
    const layout = `<html lang="en"><head>${icon}</head><body>{children}</body></html>`;
    app.write("app/layout.tsx", `export default ({ children }: { children: React.ReactNode }) => ${layout};`);
    app.write("public/digits.onnx", model());
    const options = { allowImportingTsExtensions: true, noEmit: true, strict: true, skipLibCheck: true, moduleResolution: "bundler" };
    app.write("tsconfig.json", JSON.stringify({ compilerOptions: { ...options, module: "esnext", jsx: "react-jsx", target: "es2022" } }));
    const next = "next/dist/bin/next";
    expect(await app.build(next, "build")).not.toMatch(/warn|error/i);
    const url = await start(app, next, "start", "--hostname", "127.0.0.1", "--port", "0");
    await shows(url, /^\d on wasm$/, (page) => page.click("button"));
    const body = readFileSync(join(root, "examples/digits/seven.json"), "utf8");
    const reply = await fetch(`${url}/api/predict`, { method: "POST", headers: { "content-type": "application/json" }, body });
    expect(await reply.json()).toMatchObject({ digit: 7 });
    await end();
  });
});
