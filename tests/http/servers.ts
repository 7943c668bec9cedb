import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { toFetchHandler } from "@predikt/core/serving";
import { predikt as expressPredikt } from "@predikt/node/express";
import { predikt as fastifyPredikt } from "@predikt/node/fastify";
import { createRequestListener, type ListenerOptions } from "@predikt/node/http";
import express from "express";
import express4 from "express4";
import Fastify from "fastify";

/** Where every adapter is mounted. */
export const prefix = "/api";

/** A running server with models mounted below {@link prefix}. */
export interface Served {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Closes it as its guide says: new work is refused, what is under way ends. */
  close(): Promise<void>;
}

export type Serve = (options: ListenerOptions) => Promise<Served>;

/** One way to serve for each adapter, and each version of its framework. */
export const adapters: Readonly<Record<string, Serve>> = {
  "node:http": async (options) => {
    const listener = createRequestListener({ ...options, prefix });
    return listening(listener, () => listener.close());
  },
  "Express 5": (options) => serveExpress(express, options),
  "Express 4": (options) => serveExpress(express4, options),
  "Fastify 5": async (options) => {
    const app = Fastify({ return503OnClosing: false });
    await app.register(fastifyPredikt, { ...options, prefix });
    await app.listen({ host: "127.0.0.1", port: 0 });
    return { origin: originOf(app.server), close: () => app.close() };
  },
  fetch: async (options) => {
    const handler = toFetchHandler({ ...options, prefix });
    return listening(
      (req, res) => void bridge(handler, req, res),
      () => handler.close(),
    );
  },
};

function serveExpress(make: typeof express, options: ListenerOptions): Promise<Served> {
  const middleware = expressPredikt(options);
  const app = make();
  app.disable("x-powered-by");
  app.use(prefix, middleware);
  return listening(app, () => middleware.close());
}

/** Listens on a free local port. `drain` comes before the server's own close. */
export async function listening(listener: RequestListener, drain: () => Promise<void>): Promise<Served> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: originOf(server),
    close: async () => {
      await drain();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
    },
  };
}

/** Where a server listens. */
export function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The smallest bridge from Node to a fetch handler, as a server runtime has one. */
export async function bridge(handler: (request: Request) => Promise<Response>, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const controller = new AbortController();
  res.once("close", () => {
    if (!res.writableEnded) controller.abort();
  });
  const method = req.method as string;
  const hasBody = method !== "GET" && method !== "HEAD";
  const request = new Request(new URL(req.url as string, `http://${req.headers.host}`), {
    method,
    headers: req.headers as Record<string, string>,
    signal: controller.signal,
    ...(hasBody ? { body: Readable.toWeb(req) as ReadableStream, duplex: "half" } : {}),
  } as RequestInit);
  const response = await handler(request);
  const body = Buffer.from(await response.arrayBuffer());
  if (res.destroyed) return;
  if (response.status !== 204) res.setHeader("content-length", body.byteLength);
  // What is left of a body that nobody waits for would hold a closing server's connection.
  if (response.status === 503 && !req.complete) res.shouldKeepAlive = false;
  res.writeHead(response.status, Object.fromEntries(response.headers));
  res.end(body);
}
