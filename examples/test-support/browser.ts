import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const chromiumPath = paths.find((path) => existsSync(path));

export type { Browser, Page };

/** Whether this machine has Chromium; the title of a suite that needs it ends in {@link needsChromium}. */
export const hasChromium: boolean = chromiumPath !== undefined;

/** The reason that a skipped suite gives. */
export const needsChromium = "(needs Chromium: scripts/tools)";

const flags = {
  quiet: ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"],
  /** No GPU at all. */
  none: ["--disable-gpu"],
  /** A GPU that the processor plays: right, and slow. */
  software: ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
} as const;

/** Starts Chromium without a window. */
export function startBrowser(gpu: "none" | "software" = "none"): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath as string, args: [...flags.quiet, ...flags[gpu]] });
}

/** A page, and everything in it that went wrong so far: errors in its console, exceptions, requests that failed. */
export interface Visit {
  readonly page: Page;
  readonly problems: readonly string[];
}

/** Opens a page of its own, with its own storage. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(`console: ${message.text()} (${message.location().url})`));
  page.on("pageerror", (error) => problems.push(`exception: ${error.message}`));
  page.on("response", (reply) => reply.status() >= 400 && problems.push(`${reply.status()} ${reply.url()}`));
  await page.goto(url);
  return { page, problems };
}

/** Draws a 7 with the mouse. */
export async function drawSeven(page: Page, pad: string): Promise<void> {
  const { x, y, width, height } = (await page.locator(pad).boundingBox()) as { x: number; y: number; width: number; height: number };
  const move = (atX: number, atY: number, steps: number) => page.mouse.move(x + width * atX, y + height * atY, { steps });
  await move(0.28, 0.2, 1);
  await page.mouse.down();
  await move(0.72, 0.2, 10);
  await move(0.46, 0.86, 14);
  await page.mouse.up();
}
