import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { isolationHeaders } from "@predikt/core/serving";
import express from "express";
import Fastify from "fastify";
import { expect, it } from "vitest";

// What docs/guides/bundlers.md says of each kind of server.

async function headersFrom(listener: RequestListener): Promise<Headers> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return firstHeaders(server, () => server.close());
}

async function firstHeaders(server: Server, close: () => unknown): Promise<Headers> {
  const { headers } = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await close();
  return headers;
}

function isIsolated(headers: Headers): void {
  expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
  expect(headers.get("cross-origin-embedder-policy")).toBe("require-corp");
}

it("Express sends them with everything", async () => {
  const app = express();
  app.use((_req, res, next) => {
    res.set(isolationHeaders());
    next();
  });
  app.get("/", (_req, res) => void res.send("page"));
  isIsolated(await headersFrom(app));
});

it("Fastify does", async () => {
  const app = Fastify();
  app.addHook("onSend", async (_request, reply) => {
    reply.headers(isolationHeaders());
  });
  app.get("/", () => "page");
  await app.listen({ host: "127.0.0.1", port: 0 });
  isIsolated(await firstHeaders(app.server, () => app.close()));
});

it("a reply of Fetch does", () => isIsolated(new Response("page", { headers: isolationHeaders() }).headers));
