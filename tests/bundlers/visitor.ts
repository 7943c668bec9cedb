import type { Browser } from "playwright-core";
import { softwareGpu, startBrowser } from "../browser/chromium.ts";

/** What a page of the fixtures shows in the end. */
export interface Shown {
  readonly y?: number;
  readonly info?: { readonly device: string; readonly details: Readonly<Record<string, unknown>> };
  readonly error?: string;
}

/** What came of a visit. */
export interface Seen {
  readonly shown: Shown;
  readonly isolated: boolean;
  /** Errors and warnings of the console, uncaught errors, and requests that failed. */
  readonly complaints: readonly string[];
}

/** A browser that knows WebGPU by a software adapter. */
export function openBrowser(): Promise<Browser> {
  return startBrowser(softwareGpu);
}

/** Visits a page with nothing stored, and waits for what it shows. */
export async function visit(browser: Browser, url: string): Promise<Seen> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type()))
        complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
    page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
    // A page whose script fails will show nothing; nobody is to wait for it.
    const failed = new Promise<string>((resolve) => page.on("pageerror", () => resolve('{"error":"the page\'s script failed"}')));
    await page.goto(url);
    const shown = page.waitForFunction(() => document.querySelector("output")?.textContent, undefined, { timeout: 40_000 });
    const text = await Promise.race([
      failed,
      shown.then(
        async (handle) => (await handle.jsonValue()) as string,
        () => '{"error":"the page shows nothing within 40 seconds"}',
      ),
    ]);
    return { shown: JSON.parse(text), isolated: await page.evaluate(() => crossOriginIsolated), complaints };
  } finally {
    await context.close();
  }
}
