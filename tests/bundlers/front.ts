import { createServer, type IncomingHttpHeaders, request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { listenHere } from "../browser/local-server.ts";

/** A server before another one, which adds headers to what that one answers and writes down what is asked for. */
export interface Front {
  readonly url: string;
  /** Paths that were asked for, without queries, and what was answered: the status, and the bytes of the body. */
  readonly visits: { readonly path: string; readonly status: number; readonly bytes: number }[];
  close(): Promise<void>;
}

/**
 * Starts a server before the one at `target`, or before several, by the path, on 127.0.0.1. Web sockets pass through too, as a development server
 * needs them.
 *
 * @param preludes Texts to send before files, by a part of their names.
 */
export async function openFront(
  target: string | ((path: string) => string),
  headers: Readonly<Record<string, string>> = {},
  preludes: Readonly<Record<string, string>> = {},
): Promise<Front> {
  const visits: Front["visits"] = [];
  const serverOf = (path: string): URL => new URL(typeof target === "string" ? target : target(path));
  const server = createServer((req, res: ServerResponse) => {
    const behind = serverOf(req.url as string);
    // Bodies as they are, so that files are known by their sizes.
    const forwarded: IncomingHttpHeaders = { ...req.headers, host: behind.host, "accept-encoding": "identity" };
    const asked = request({ host: behind.hostname, port: behind.port, path: req.url, method: req.method, headers: forwarded }, (answer) => {
      let bytes = 0;
      const path = (req.url as string).split("?")[0] as string;
      const status = answer.statusCode as number;
      answer.on("data", (chunk: Buffer) => (bytes += chunk.byteLength)).on("end", () => visits.push({ path, status, bytes }));
      const prelude = Object.entries(preludes).find(([part]) => path.includes(part))?.[1] ?? "";
      const { "content-length": length, ...rest } = answer.headers;
      const own = length === undefined ? headers : { ...headers, "content-length": Number(length) + prelude.length };
      res.writeHead(status, { ...rest, ...own });
      if (prelude !== "") res.write(prelude);
      answer.pipe(res);
    });
    asked.on("error", () => res.destroy());
    req.pipe(asked);
  });
  server.on("upgrade", (req, socket, head) => {
    const behind = serverOf(req.url as string);
    const other = connect(Number(behind.port), behind.hostname, () => {
      const lines = Object.entries({ ...req.headers, host: behind.host }).map(([name, value]) => `${name}: ${value}\r\n`);
      other.write(`${req.method} ${req.url} HTTP/1.1\r\n${lines.join("")}\r\n`);
      other.write(head);
      socket.pipe(other).pipe(socket);
    });
    for (const [end, far] of [[socket, other] as const, [other, socket] as const])
      end.on("error", () => {}).on("close", () => far.destroy());
  });
  const { origin, close } = await listenHere(server);
  return { url: origin, visits, close };
}
