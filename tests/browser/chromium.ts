import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";

const paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
/** Where Chromium lies on this machine; undefined where it is not installed. */
export const chromiumPath: string | undefined = paths.find((path) => existsSync(path));

const quiet = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser and a page of ours in it. */
export interface Visit {
  readonly browser: Browser;
  readonly server: Server;
  readonly page: Page;
}

/** Opens an empty page that may import `/web.js`, the built `@predikt/web`. `isolated` sends the headers that threads need. */
export async function visit(flags: readonly string[], isolated: boolean): Promise<Visit> {
  const module = readFileSync(fileURLToPath(new URL("../../packages/web/dist/index.js", import.meta.url)));
  const server = createServer((req, res) => {
    if (isolated) {
      res.setHeader("cross-origin-opener-policy", "same-origin");
      res.setHeader("cross-origin-embedder-policy", "require-corp");
    }
    const script = req.url === "/web.js";
    res.setHeader("content-type", script ? "text/javascript" : "text/html").end(script ? module : "<!doctype html><title>page</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({ executablePath: chromiumPath as string, args: [...quiet, ...flags] });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as { port: number }).port}/`);
  return { browser, server, page };
}
