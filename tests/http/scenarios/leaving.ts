import { connect } from "node:net";
import { expect } from "vitest";
import { json, start } from "../send.ts";
import { until } from "../until.ts";
import { at, failure } from "./scenario.ts";
import type { Stage, Story } from "./story.ts";

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
      const socket = connect(Number(new URL(stage.served.origin).port), "127.0.0.1");
      socket.on("error", () => {});
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
      await until(() => stage.site.options.models !== undefined);
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
      expect((await stage.send({ path: at("/predict"), body: { x: 1 } })).status).toBe(200);
    },
  },
  {
    name: "a declared size past the limit is refused before the body comes",
    async tell(stage) {
      const { text } = await raw(
        stage,
        `POST ${at("/predict")} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99999999\r\n\r\n`,
        (seen) => seen.endsWith("}"),
      );
      expect(text).toMatch(/^HTTP\/1\.1 413 /);
      expect(text).toContain('"code":"INPUT_TOO_LARGE"');
    },
  },
  {
    name: "a body without end is cut off",
    // There the handler can only cancel the stream; what that does to the connection is the runtime's affair.
    without: ["fetch"],
    async tell(stage) {
      const chunk = `4000\r\n${" ".repeat(0x4000)}\r\n`;
      const { text, sent } = await raw(
        stage,
        `POST ${at("/predict")} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
        () => false,
        chunk,
      );
      // Where the cut comes before the client reads, the system drops what it has not read yet.
      if (text !== "") expect(text).toMatch(/^HTTP\/1\.1 413 /);
      expect(sent).toBeLessThan(64 * 2 ** 20);
    },
  },
  {
    name: "two requests in one packet are answered in order",
    async tell(stage) {
      const one = (x: number): string => {
        const body = JSON.stringify({ x });
        return `POST ${at("/predict")} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
      };
      const { text } = await raw(stage, one(1) + one(2), (seen) => seen.includes('{"y":4}'));
      expect(text.indexOf('{"y":2}')).toBeGreaterThan(0);
      expect(text.indexOf('{"y":2}')).toBeLessThan(text.indexOf('{"y":4}'));
    },
  },
];

/** Writes raw text, then `more` again and again, and reads until `enough` or the end of the connection. */
function raw(
  stage: Stage,
  text: string,
  enough: (seen: string) => boolean,
  more?: string,
): Promise<{ readonly text: string; readonly sent: number }> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(stage.served.origin).port), "127.0.0.1");
    let seen = "";
    const go = (): void => {
      if (more !== undefined && !socket.destroyed) socket.write(more, () => setImmediate(go));
    };
    socket.setEncoding("utf8");
    socket.on("error", () => {});
    socket.on("data", (part: string) => {
      seen += part;
      if (enough(seen)) socket.destroy();
    });
    socket.on("close", () => resolve({ text: seen, sent: socket.bytesWritten }));
    socket.write(text, go);
  });
}
