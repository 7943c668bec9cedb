import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { predikt } from "@predikt/node/fastify";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, expect, it } from "vitest";
import { createSite } from "./models.ts";
import { json, oneSocket, send } from "./send.ts";
import { originOf } from "./servers.ts";
import { until } from "./until.ts";

// Browsers open connections in advance and may never use them. Node would wait a minute for each; this is the time that a test may take instead.
const limit = 10_000;

const clearing: (() => unknown)[] = [];
afterEach(async () => {
  for (const clear of clearing.splice(0).reverse()) await clear();
});

/** A connection that the server has taken, and on which nothing was sent. */
async function silent(app: FastifyInstance): Promise<Socket> {
  const taken = once(app.server, "connection");
  const socket = connect(Number(new URL(originOf(app.server)).port), "127.0.0.1");
  clearing.push(() => socket.destroy());
  await taken;
  return socket.resume();
}

it("Fastify: closing ends connections that never said anything, and no others", { timeout: limit }, async () => {
  const site = await createSite();
  clearing.push(() => site.close());
  const app = Fastify();
  let go: () => void = () => {};
  let asked = false;
  app.get("/own", async () => {
    asked = true;
    await new Promise<void>((resolve) => {
      go = resolve;
    });
    return { answered: true };
  });
  await app.register(predikt, { ...site.options, prefix: "/api" });
  await app.listen({ host: "127.0.0.1", port: 0 });
  clearing.push(() => app.close());
  const agent = oneSocket();
  clearing.push(() => agent.destroy());
  const own = send(originOf(app.server), { path: "/own" }, agent);
  await until(() => asked, "the request");

  const socket = await silent(app);
  const closing = app.close();
  await once(socket, "close");
  go();
  expect(json(await own)).toEqual({ answered: true });
  agent.destroy();
  await closing;
});
