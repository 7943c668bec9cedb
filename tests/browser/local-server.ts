import type { Server } from "node:http";

/** A server that listens on a free port of 127.0.0.1. */
export interface LocalServer {
  readonly port: number;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Ends it, with every connection that is open. */
  close(): Promise<void>;
}

/** Has a server listen. */
export async function listenHere(server: Server): Promise<LocalServer> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const close = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { port, origin: `http://127.0.0.1:${port}`, close };
}

const types: Readonly<Record<string, string>> = {
  js: "text/javascript",
  mjs: "text/javascript",
  wasm: "application/wasm",
  html: "text/html",
  svg: "image/svg+xml",
  gz: "application/gzip",
};

/** What a file is, by its name. */
export function contentType(path: string): string {
  return types[path.split(".").pop() as string] ?? "application/octet-stream";
}
