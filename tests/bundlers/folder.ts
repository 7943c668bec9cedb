import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { contentType, listenHere } from "../browser/local-server.ts";
import type { Served } from "./app.ts";

/** Serves a folder's files on 127.0.0.1, below `prefix`, as plain hosts do. */
export async function serveFolder(folder: string, prefix = "/", headers: Readonly<Record<string, string>> = {}): Promise<Served> {
  const server = createServer((req, res) => {
    const { pathname } = new URL(req.url as string, "http://folder");
    const file = join(folder, pathname.slice(prefix.length) || "index.html");
    const stats = statSync(file, { throwIfNoEntry: false });
    if (!pathname.startsWith(prefix) || pathname.includes("..") || !stats?.isFile()) {
      res.writeHead(404).end("nothing here");
      return;
    }
    res.writeHead(200, { "content-type": contentType(file), "content-length": stats.size, ...headers });
    createReadStream(file).pipe(res);
  });
  const { origin, close } = await listenHere(server);
  return { url: origin, output: () => "", stop: close };
}
