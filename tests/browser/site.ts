import { readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { isolationHeaders } from "@predikt/core/serving";
import { contentType, listenHere } from "./local-server.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What a page of ours may import by name. */
const imports: Readonly<Record<string, string>> = {
  "@predikt/core": "/packages/core/dist/index.js",
  "@predikt/core/onnx": "/packages/core/dist/onnx.js",
  "@predikt/core/runtime": "/packages/core/dist/runtime.js",
  "@predikt/core/client": "/packages/core/dist/client.js",
  "@predikt/core/preprocess": "/packages/core/dist/preprocess.js",
  "@predikt/core/postprocess": "/packages/core/dist/postprocess.js",
  "@predikt/core/testing": "/packages/core/dist/testing.js",
  "@predikt/web": "/packages/web/dist/index.js",
  "@predikt/web/image": "/packages/web/dist/image.js",
  "@predikt/web/definitions": "/packages/web/dist/definitions.js",
  zod: "/tests/node_modules/zod/index.js",
  dequal: "/tests/node_modules/dequal/dist/index.mjs",
};

/** The empty page of a site, whose scripts may import the packages by name, without a bundler. */
export const emptyPage: string = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>page</title>
<script type="importmap">${JSON.stringify({ imports })}</script>`;

/** A script with the addresses of what it imports by name: an import map is for pages, and not for workers. */
export function linked(script: string): string {
  return script.replaceAll(/(\bfrom |\bimport )["']([^"']+)["']/g, (whole, before: string, name: string) =>
    imports[name] === undefined ? whole : `${before}"${imports[name]}"`,
  );
}

/** One request that a site has answered. */
export interface Visited {
  readonly path: string;
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** Bytes of the body that were written. */
  readonly bytes: number;
}

/** A site on 127.0.0.1 that serves the built packages, and what a test adds. */
export interface Site {
  readonly url: string;
  readonly port: number;
  readonly visits: Visited[];
  close(): Promise<void>;
}

/** How a site answers. */
export interface SiteOptions {
  /** Sends the headers that threads need. */
  readonly isolated?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Answers what is asked below `/api`. */
  readonly api?: (req: IncomingMessage, res: ServerResponse) => void;
  /** Bodies by path, or functions that answer. */
  readonly files?: Readonly<Record<string, string | Uint8Array | ((req: IncomingMessage, res: ServerResponse) => void)>>;
}

/** Starts a site. */
export async function openSite({ isolated = false, headers = {}, files = {}, api }: SiteOptions = {}): Promise<Site> {
  const visits: Visited[] = [];
  const server = createServer((req, res) => {
    const path = new URL(req.url as string, "http://site").pathname;
    let bytes = 0;
    for (const method of ["write", "end"] as const) {
      const original = res[method].bind(res) as (...args: unknown[]) => unknown;
      res[method] = ((...args: unknown[]) => {
        const [chunk] = args;
        if (typeof chunk === "string" || chunk instanceof Uint8Array) bytes += Buffer.byteLength(chunk);
        return original(...args);
      }) as never;
    }
    res.on("close", () => visits.push({ path, status: res.statusCode, headers: req.headers, bytes }));
    for (const [name, value] of Object.entries({ ...(isolated && isolationHeaders()), ...headers })) res.setHeader(name, value);
    const given = files[path];
    if (api !== undefined && path.startsWith("/api")) api(req, res);
    else if (typeof given === "function") given(req, res);
    else if (given !== undefined) send(res, path, given);
    else if (path === "/") send(res, "/index.html", emptyPage);
    else if (/^\/(packages|tests)\//.test(path)) sendFile(req, res, path);
    else res.writeHead(404).end("nothing here");
  });
  const { port, origin, close } = await listenHere(server);
  return { url: `${origin}/`, port, visits, close };
}

function send(res: ServerResponse, path: string, body: string | Uint8Array): void {
  res.setHeader("content-type", contentType(path)).end(body);
}

/** A file of a built package, which browsers may keep. */
function sendFile(req: IncomingMessage, res: ServerResponse, path: string): void {
  const file = root + path.slice(1);
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined || path.includes("..")) {
    res.writeHead(404).end("nothing here");
    return;
  }
  const etag = `"${stats.size}-${stats.mtimeMs}"`;
  res.setHeader("etag", etag).setHeader("cache-control", "public, max-age=3600");
  if (req.headers["if-none-match"] === etag) res.writeHead(304).end();
  else send(res, path, path.endsWith(".js") ? linked(readFileSync(file, "utf8")) : readFileSync(file));
}
