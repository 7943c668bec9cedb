import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import type { Served } from "./app.ts";

const types: Readonly<Record<string, string>> = {
  html: "text/html",
  js: "text/javascript",
  mjs: "text/javascript",
  wasm: "application/wasm",
  gz: "application/gzip",
};

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
    const type = types[file.split(".").pop() as string] ?? "application/octet-stream";
    res.writeHead(200, { "content-type": type, "content-length": stats.size, ...headers });
    createReadStream(file).pipe(res);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const stop = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${port}`, output: () => "", stop };
}
