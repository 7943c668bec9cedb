import { createHash, randomBytes } from "node:crypto";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { noGpu, startBrowser, startProfile } from "../chromium.ts";
import { type FileServer, fileServer } from "./file-server.ts";
import { bundledScripts } from "./scripts.ts";

/** What a load in the worker said. */
export interface Loaded {
  readonly size?: number;
  readonly sha256?: string;
  readonly fromCache?: boolean;
  readonly key?: string;
  readonly progress: { loaded: number; total?: number; fromCache: boolean }[];
  readonly events: { type: string; detail: Record<string, unknown> }[];
  readonly error?: { code?: string; message: string; details?: Record<string, unknown> };
}

/** What a test wants of a load; the rest is the script's default. */
export interface LoadRequest {
  /** A path of the server, or a whole URL. */
  readonly url: string;
  readonly store?: string;
  readonly sha256?: string;
  readonly size?: number;
  readonly retries?: number;
  readonly idleTimeoutMs?: number;
  readonly maxBytes?: number;
}

/** APIs that the worker is to lack: a global, or a method of a class. */
export type Lacks = readonly (readonly [string, string?])[];

/** Random bytes that begin as an ONNX file does. */
export const modelBytes = (size = 300_000): Uint8Array => Uint8Array.from([8, 9, ...randomBytes(size - 2)]);
export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** One name stands for an origin that is not secure. */
const flags = [...noGpu, "--host-resolver-rules=MAP insecure.test 127.0.0.1"];

/** Starts a browser for many visits. */
export const launch = (): Promise<Browser> => startBrowser(flags);

let bundled: Promise<Record<string, string>> | undefined;

/** A server with the test's scripts, which are bundled once. */
async function openServer(): Promise<FileServer> {
  bundled ??= bundledScripts();
  return fileServer(await bundled);
}

/** A server and a profile of a browser that sees it for the first time. */
export class StoreVisit {
  readonly server: FileServer;
  context: BrowserContext;
  page: Page;

  private constructor(server: FileServer, context: BrowserContext, page: Page) {
    this.server = server;
    this.context = context;
    this.page = page;
  }

  static async start(browser: Browser, host?: string): Promise<StoreVisit> {
    const server = await openServer();
    const context = await browser.newContext();
    return new StoreVisit(server, context, await openPage(context, server, host));
  }

  /** A profile on disk, as visitors have: a private window's files are in memory, and not all of them count for the quota. */
  static async startOnDisk(profile: string): Promise<StoreVisit> {
    const server = await openServer();
    const context = await startProfile(profile, flags);
    return new StoreVisit(server, context, await openPage(context, server));
  }

  /** Ends the browser and starts it again with what it has on disk. Only after `startOnDisk`. */
  async restart(profile: string): Promise<void> {
    await this.context.close();
    this.context = await startProfile(profile, flags);
    this.page = await openPage(this.context, this.server);
  }

  /** Sets the quota of the page's origin, for as long as the page is open. */
  async quota(bytes: number): Promise<void> {
    const session = await this.context.newCDPSession(this.page);
    await session.send("Storage.overrideQuotaForOrigin", { origin: new URL(this.page.url()).origin, quotaSize: bytes });
  }

  /** The paths of the stored models, the most recently used first. */
  async stored(): Promise<string[]> {
    return (await this.run<{ url: string }[]>("store.list()")).map(({ url }) => new URL(url).pathname);
  }

  /** Another tab. */
  tab(host?: string): Promise<Page> {
    return openPage(this.context, this.server, host);
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.page.waitForFunction("globalThis.ready");
  }

  /** Loads in a worker of its own. */
  load(request: LoadRequest, { on = this.page, lacks = [] }: { on?: Page; lacks?: Lacks } = {}): Promise<Loaded> {
    return on.evaluate<Loaded>(`connect().load(${this.request(request)}, ${JSON.stringify(lacks)})`);
  }

  /** The request as text of a script. */
  request(request: LoadRequest): string {
    return `{ ...${JSON.stringify(request)}, url: new URL(${JSON.stringify(request.url)}, location).href }`;
  }

  /** Evaluates in the page. As text: the test's own compiler would rewrite an import or a helper in a function. */
  run<T>(script: string): Promise<T> {
    return this.page.evaluate<T>(script);
  }

  /** The names of all files in the store's folder, sorted. */
  files(): Promise<string[]> {
    return this.run(`(async () => {
      const names = [];
      const root = await navigator.storage.getDirectory();
      for await (const [folder, handle] of root.entries()) for await (const name of handle.keys()) names.push(name);
      return names.sort();
    })()`);
  }

  async end(): Promise<void> {
    await this.context.close();
    await this.server.close();
  }
}

/** Opens the server's page. */
export async function openPage(context: BrowserContext, server: FileServer, host = "127.0.0.1"): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`http://${host}:${server.port}/`);
  await page.waitForFunction("globalThis.ready");
  return page;
}
