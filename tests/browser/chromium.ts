import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type LaunchOptions, type Page } from "playwright-core";
import { openSite, type Site, type SiteOptions } from "./site.ts";

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
/** A GPU that the CPU plays: right, and slow. */
export const softwareGpu: readonly string[] = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
/** A browser that has WebGPU's API, and no adapter. */
export const noGpu: readonly string[] = ["--disable-gpu"];

/** A browser, and a page of a site of ours in it. */
export interface Visit {
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly site: Site;
  readonly page: Page;
  /** What the page has told the console as an error, and what it has thrown. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** Starts Chromium. */
export function startBrowser(flags: readonly string[] = noGpu): Promise<Browser> {
  return chromium.launch(launchOptions(flags));
}

/** Starts Chromium with a profile on disk, as visitors have. */
export function startProfile(folder: string, flags: readonly string[] = noGpu): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, launchOptions(flags));
}

function launchOptions(flags: readonly string[]): LaunchOptions {
  return { executablePath: chromiumPath as string, args: [...quiet, ...flags] };
}

/** Opens the empty page of a site, whose scripts may import the built packages by name. */
export async function visit(flags: readonly string[], options: SiteOptions = {}): Promise<Visit> {
  const site = await openSite(options);
  const browser = await startBrowser(flags);
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints = listen(page);
  await page.goto(site.url);
  const close = async (): Promise<void> => {
    await browser.close();
    await site.close();
  };
  return { browser, context, site, page, complaints, close };
}

/** What a page tells the console as an error, and what it throws, from now on. */
export function listen(page: Page): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  return complaints;
}
