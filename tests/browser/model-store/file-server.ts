import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { listenHere } from "../local-server.ts";

/** How a test's server serves one path. It may be changed between two requests. */
export interface ServedFile {
  bytes?: Uint8Array;
  etag?: string;
  lastModified?: string;
  type?: string;
  status?: number;
  /** Sends the body compressed, its length that of the compressed bytes. */
  gzip?: boolean;
  /** Whether ranges are served. Default: true. */
  ranges?: boolean;
  /** Destroys the connection after so many bytes of the body, in the next reply only. */
  breakAfter?: number | undefined;
  /** Stops in the middle, without an end, in the next reply only. */
  stallAfter?: number | undefined;
  /** Headers of a server that another origin may read. */
  cors?: Record<string, string>;
}

/** One request, as it came and was answered. */
export interface Hit {
  readonly path: string;
  readonly method: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
  status: number;
  /** Bytes of the body that were written. */
  sent: number;
}

/** A server of models on 127.0.0.1, and of the test's own scripts. */
export interface FileServer {
  readonly port: number;
  readonly files: Map<string, ServedFile>;
  readonly hits: Hit[];
  /** The hits of a path. */
  of(path: string): Hit[];
  close(): Promise<void>;
}

/** Starts a server of files whose every reply is counted. */
export async function fileServer(scripts: Readonly<Record<string, string>>): Promise<FileServer> {
  const files = new Map<string, ServedFile>();
  const hits: Hit[] = [];
  const server = createServer((req, res) => {
    const path = (req.url ?? "/").split("?")[0] as string;
    const script = scripts[path];
    if (script !== undefined || path === "/") {
      res.setHeader("content-type", script === undefined ? "text/html" : "text/javascript");
      res.end(script ?? `<!doctype html><link rel="icon" href="data:,"><title>page</title><script type="module" src="/page.js"></script>`);
      return;
    }
    const header = (name: string): string | undefined => req.headers[name] as string | undefined;
    const hit: Hit = {
      path,
      method: req.method ?? "",
      range: header("range"),
      ifRange: header("if-range"),
      ifNoneMatch: header("if-none-match"),
      ifModifiedSince: header("if-modified-since"),
      status: 0,
      sent: 0,
    };
    hits.push(hit);
    void answer(req, res, files.get(path), hit);
  });
  const { port, close } = await listenHere(server);
  return {
    port,
    files,
    hits,
    of: (path) => hits.filter((hit) => hit.path === path),
    close,
  };
}

async function answer(req: IncomingMessage, res: ServerResponse, file: ServedFile | undefined, hit: Hit): Promise<void> {
  const { bytes = new Uint8Array(0), etag, lastModified, type = "application/octet-stream", gzip, ranges = true } = file ?? {};
  for (const [name, value] of Object.entries(file?.cors ?? {})) res.setHeader(name, value);
  const end = (status: number, body: Uint8Array = new Uint8Array(0)): void => {
    hit.status = status;
    hit.sent = body.byteLength;
    res.writeHead(status).end(body);
  };
  if (req.method === "OPTIONS") return end(file?.cors?.["access-control-allow-headers"] === undefined ? 403 : 204);
  res.setHeader("content-type", type);
  if (etag !== undefined) res.setHeader("etag", etag);
  if (lastModified !== undefined) res.setHeader("last-modified", lastModified);
  if (file === undefined) return end(404);
  if (file.status !== undefined) return end(file.status);
  const unchanged = etag === undefined ? hit.ifModifiedSince === lastModified && lastModified !== undefined : hit.ifNoneMatch === etag;
  if (unchanged) return end(304);
  const encoded = gzip === true ? gzipSync(bytes) : bytes;
  if (gzip === true) res.setHeader("content-encoding", "gzip");
  const [, start] = /^bytes=(\d+)-$/.exec(hit.range ?? "") ?? [];
  const part = start !== undefined && ranges && (hit.ifRange === undefined || hit.ifRange === etag);
  const from = part ? Number(start) : 0;
  if (part && from >= encoded.byteLength) return end(416);
  const body = encoded.subarray(from);
  res.setHeader("content-length", body.byteLength);
  if (part) res.setHeader("content-range", `bytes ${from}-${encoded.byteLength - 1}/${encoded.byteLength}`);
  hit.status = part ? 206 : 200;
  res.writeHead(hit.status);
  await send(res, body, file, hit);
}

/** Sends a body, or as much of it as the test wants. */
async function send(res: ServerResponse, body: Uint8Array, file: ServedFile, hit: Hit): Promise<void> {
  const { breakAfter, stallAfter } = file;
  file.breakAfter = undefined;
  file.stallAfter = undefined;
  const piece = body.subarray(0, breakAfter ?? stallAfter);
  hit.sent = piece.byteLength;
  await new Promise<void>((resolve) => {
    res.once("close", resolve);
    res.write(piece, () => resolve());
  });
  if (breakAfter !== undefined) {
    // A browser drops what it has received and not yet handed on when a connection breaks.
    await new Promise((resolve) => setTimeout(resolve, 500));
    res.destroy();
  } else if (stallAfter === undefined) res.end();
}
