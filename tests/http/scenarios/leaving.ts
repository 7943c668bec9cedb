import { expect } from "vitest";
import { json, start } from "../send.ts";
import { until } from "../until.ts";
import { open, post, raw } from "./raw.ts";
import { at, failure } from "./scenario.ts";
import type { Story } from "./story.ts";

const draining = failure("DRAINING", "the server is finishing its work and takes no more");

/** Clients that go away, servers that close, and connections between them. */
export const leaving: readonly Story[] = [
  {
    name: "a client that goes away aborts its running job, and no other",
    async tell(stage) {
      stage.site.slow.hold(true);
      const gone = start(
        stage.served.origin,
        { path: at("/predict/slow"), body: { x: 1 }, headers: { "x-request-id": "gone" } },
        stage.agent(),
      );
      gone.on("error", () => {});
      await until(() => stage.slowRuns.length === 1, "the run");
      const other = stage.slow(2);
      await stage.queued(1);
      gone.destroy();
      await until(() => stage.model("slow").stats().aborted === 1, "the abort");
      expect(stage.slowRuns[0]?.options?.abandoned?.aborted).toBe(true);
      stage.release();
      expect(json(await other)).toEqual({ y: 4 });
      expect(stage.site.replies[0]).toMatchObject({ requestId: "gone", status: 499, code: undefined });
    },
  },
  {
    name: "a client that goes away while it waits never runs",
    async tell(stage) {
      const first = await stage.occupy(1);
      const gone = start(stage.served.origin, { path: at("/predict/slow"), body: { x: 2 } }, stage.agent());
      gone.on("error", () => {});
      await stage.queued(1);
      gone.destroy();
      await stage.queued(0);
      stage.release();
      expect((await first.reply).status).toBe(200);
      expect((await stage.slow(3)).status).toBe(200);
      expect(stage.slowRuns.map(({ feeds }) => feeds["x"]?.data[0])).toEqual([1, 3]);
    },
  },
  {
    name: "a client that goes away with its batch takes all its items along",
    async tell(stage) {
      const first = await stage.occupy(1);
      const gone = start(stage.served.origin, { path: at("/predict/slow/batch"), body: [{ x: 2 }, { x: 3 }] }, stage.agent());
      gone.on("error", () => {});
      await stage.queued(2);
      gone.destroy();
      await stage.queued(0);
      await until(() => stage.site.replies.some(({ status }) => status === 499), "the 499");
      stage.release();
      expect((await first.reply).status).toBe(200);
    },
  },
  {
    name: "a client that goes away in the middle of its body",
    async tell(stage) {
      const socket = open(stage);
      socket.write(`POST ${at("/predict")} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"x":`);
      await until(() => !socket.pending, "the connection");
      await stage.send({ path: at("/health/live") });
      socket.destroy();
      await until(() => stage.site.replies.length === 2, "the reply");
      expect(stage.site.replies[1]).toMatchObject({ route: "predict", status: 499 });
      expect(stage.model("double").stats().requests).toBe(0);
      expect((await stage.send({ path: at("/predict"), body: { x: 1 } })).status).toBe(200);
    },
  },
  {
    name: "no AbortController and no AbortSignal is made for a request",
    // A fetch handler's Request has a signal of its own.
    without: ["fetch"],
    async tell(stage) {
      const { AbortController: own } = globalThis;
      let made = 0;
      globalThis.AbortController = class extends own {
        constructor() {
          super();
          made++;
        }
      };
      try {
        const agent = stage.agent();
        for (let i = 0; i < 5; i++) expect((await stage.send({ path: at("/predict"), body: { x: i } }, agent)).status).toBe(200);
        new AbortController();
        expect(made).toBe(1);
      } finally {
        globalThis.AbortController = own;
      }
    },
  },
  {
    name: "closing answers what is under way, refuses the rest with 503, and ends",
    async tell(stage) {
      const kept = stage.agent();
      expect((await stage.send({ path: at("/health/ready") }, kept)).status).toBe(200);
      const first = await stage.occupy(1);
      let closed = false;
      const closing = stage.served.close().then(() => {
        closed = true;
      });
      await stage.draining();
      const refused = await stage.send({ path: at("/predict"), body: { x: 1 } }, kept);
      expect(refused.status).toBe(503);
      expect(json(refused)).toEqual(draining);
      expect(refused.headers["retry-after"]).toBe("1");
      const again = stage.agent();
      expect(json(await stage.send({ path: at("/predict/slow/batch"), body: [{ x: 1 }] }, again))).toEqual(draining);
      expect(json(await stage.send({ path: at("/health/ready") }))).toEqual(draining);
      expect((await stage.send({ path: at("/health/live") })).status).toBe(200);
      expect(closed).toBe(false);
      stage.release();
      expect(json(await first.reply)).toEqual({ y: 2 });
      stage.leave();
      await closing;
      await expect(stage.send({ path: at("/health/live") })).rejects.toMatchObject({ code: "ECONNREFUSED" });
    },
  },
  {
    name: "closing waits until a large reply has left",
    // What a fetch handler gives is sent by others.
    without: ["fetch"],
    options: { limits: { jsonBytes: 32 * 2 ** 20 } },
    async tell(stage) {
      const elements = 2 ** 21;
      const ask = { path: at("/predict/free"), body: JSON.stringify({ x: [Array(elements).fill(1)] }) };
      const asked = start(stage.served.origin, ask, stage.agent());
      const response = await new Promise<import("node:http").IncomingMessage>((resolve) => asked.on("response", resolve));
      let closed = false;
      const closing = stage.served.close().then(() => {
        closed = true;
      });
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      expect(closed).toBe(false);
      let bytes = 0;
      for await (const chunk of response) bytes += (chunk as Buffer).length;
      expect(bytes).toBe(Number(response.headers["content-length"]));
      expect(bytes).toBeGreaterThan(2 * elements);
      stage.leave();
      await closing;
    },
  },
  {
    name: "closing twice is closing once",
    async tell(stage) {
      await Promise.all([stage.served.close(), stage.served.close()]);
    },
  },
  {
    name: "readiness tells which model is not, and that model answers 503",
    async tell(stage) {
      await stage.model("cube").close();
      const ready = await stage.send({ path: at("/health/ready") });
      expect(ready.status).toBe(503);
      expect(json(ready)).toEqual({
        ...failure("NOT_READY", 'not ready: "cube" is closed'),
        details: { models: expect.arrayContaining([{ name: "cube", version: "1", state: "closed" }]) },
      });
      const closed = await stage.send({ path: at("/predict/cube"), body: { x: [1, 2, 3, 4, 5, 6] } });
      expect(closed.status).toBe(503);
      expect(json(closed)).toEqual(failure("CLOSED", expect.stringContaining('"cube" is closed')));
      expect(closed.headers["retry-after"]).toBeUndefined();
      expect((await stage.send({ path: at("/predict"), body: { x: 1 } })).status).toBe(200);
    },
  },
  {
    name: "a client that goes away with two requests in one packet takes both along, and closing ends",
    // Its bridge hears of a connection's end by the first response only.
    without: ["fetch"],
    async tell(stage) {
      stage.site.slow.hold(true);
      const socket = open(stage);
      socket.write(post("/predict/slow", { x: 1 }) + post("/predict/slow", { x: 2 }));
      await stage.queued(1);
      socket.destroy();
      await until(() => stage.site.replies.length === 2, "the replies");
      expect(stage.site.replies.map(({ status }) => status)).toEqual([499, 499]);
      await stage.served.close();
    },
  },
  {
    name: "closing refuses a body that has not come whole",
    async tell(stage) {
      const half = post("/predict", { x: 1 }).slice(0, -1);
      const reply = raw(stage, half, () => false);
      await stage.send({ path: at("/health/live") });
      const closing = stage.served.close();
      const { text } = await reply;
      expect(text).toMatch(/^HTTP\/1\.1 503 /);
      expect(text).toContain('"code":"DRAINING"');
      stage.leave();
      await closing;
    },
  },
  {
    name: "closing does not wait for a client that never reads",
    without: ["fetch"],
    options: { limits: { jsonBytes: 32 * 2 ** 20 }, drainTimeoutMs: 50 },
    async tell(stage) {
      const socket = open(stage).pause();
      const cut = new Promise((resolve) => socket.on("close", resolve));
      // More than what the system holds for both sides.
      socket.write(post("/predict/free", { x: [Array(6_000_000).fill(1)] }));
      await until(() => stage.site.replies.length === 1, "the reply");
      await stage.served.close();
      socket.resume();
      await cut;
      expect(socket.bytesRead).toBeLessThan(12_000_000);
    },
  },
  {
    name: "closing does not wait for ever for a prediction",
    without: ["fetch"],
    options: { drainTimeoutMs: 50 },
    async tell(stage) {
      const { reply } = await stage.occupy();
      const lost = reply.catch((error: unknown) => error);
      await stage.served.close();
      expect(await lost).toMatchObject({ code: "ECONNRESET" });
    },
  },
];
