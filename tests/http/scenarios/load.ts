import { expect } from "vitest";
import { json } from "../send.ts";
import { at, failure } from "./scenario.ts";
import type { Story } from "./story.ts";

/** Too much work, too little time, and what goes first. */
export const load: readonly Story[] = [
  {
    name: "a full queue refuses with 429 and Retry-After, and serves those it has",
    async tell(stage) {
      const first = await stage.occupy(1);
      const waiting = [2, 3, 4].map((x) => stage.slow(x));
      await stage.queued(3);
      const refused = await stage.slow(5);
      expect(refused.status).toBe(429);
      expect(json(refused)).toEqual({
        error: "3 jobs wait already",
        code: "QUEUE_FULL",
        details: { queueLimit: 3, retryAfterMs: expect.any(Number) },
      });
      expect(Number(refused.headers["retry-after"])).toBeGreaterThanOrEqual(1);
      stage.release();
      expect((await Promise.all([first.reply, ...waiting])).map(json)).toEqual([{ y: 2 }, { y: 4 }, { y: 6 }, { y: 8 }]);
    },
  },
  {
    name: "a batch longer than the queue waits its turn, and keeps none out",
    async tell(stage) {
      const first = await stage.occupy(1);
      const batch = stage.send({ path: at("/predict/slow/batch"), body: [2, 3, 4, 5, 6].map((x) => ({ x })) });
      await stage.queued(2);
      const other = stage.slow(7);
      await stage.queued(3);
      stage.release();
      expect(json(await batch)).toEqual([4, 6, 8, 10, 12].map((y) => ({ output: { y } })));
      expect((await other).status).toBe(200);
      expect((await first.reply).status).toBe(200);
    },
  },
  {
    name: "a full queue refuses the items of a batch one by one",
    async tell(stage) {
      const first = await stage.occupy(1);
      const others = [2, 3, 4].map((x) => stage.slow(x));
      await stage.queued(3);
      const batch = await stage.send({ path: at("/predict/slow/batch"), body: [5, 6].map((x) => ({ x })) });
      expect(json(batch)).toEqual([expect.objectContaining({ code: "QUEUE_FULL" }), expect.objectContaining({ code: "QUEUE_FULL" })]);
      stage.release();
      for (const other of others) expect((await other).status).toBe(200);
      expect((await first.reply).status).toBe(200);
    },
  },
  {
    name: "the header's time limit ends a running request with 504",
    async tell(stage) {
      stage.site.slow.hold(true);
      const late = await stage.slow(1, { "x-predikt-timeout-ms": "20" });
      expect(late.status).toBe(504);
      expect(json(late)).toEqual({ ...failure("DEADLINE_EXCEEDED", "no answer within 20 ms"), details: { timeoutMs: 20 } });
      expect(stage.model("slow").stats()).toMatchObject({ expired: 1, running: 1 });
    },
  },
  {
    name: "the header's time limit ends a waiting request, which then never runs",
    async tell(stage) {
      const first = await stage.occupy(1);
      expect((await stage.slow(2, { "x-predikt-timeout-ms": "20" })).status).toBe(504);
      stage.release();
      expect((await first.reply).status).toBe(200);
      expect((await stage.slow(3)).status).toBe(200);
      expect(stage.slowRuns.map(({ feeds }) => feeds["x"]?.data[0])).toEqual([1, 3]);
    },
  },
  {
    name: "the header's time limit holds where the raw output is asked for",
    async tell(stage) {
      stage.site.slow.hold(true);
      expect((await stage.slow(1, { "x-predikt-timeout-ms": "20", accept: "application/octet-stream" })).status).toBe(504);
    },
  },
  {
    name: "the time that a body takes counts",
    async tell(stage) {
      for (const path of ["/predict", "/predict/double/batch"]) {
        const late = await stage.send({ path: at(path), body: [{ x: 1 }], headers: { "x-predikt-timeout-ms": "0.0001" } });
        expect([late.status, json(late)]).toMatchObject([504, { code: "DEADLINE_EXCEEDED", details: { timeoutMs: 0.0001 } }]);
      }
      expect(stage.model("double").stats().requests).toBe(0);
    },
  },
  {
    name: "the server's own time limit caps what the header asks for",
    options: { limits: { timeoutMs: 20 } },
    async tell(stage) {
      stage.site.slow.hold(true);
      expect(json(await stage.slow(1, { "x-predikt-timeout-ms": "60000" }))).toMatchObject({
        code: "DEADLINE_EXCEEDED",
        details: { timeoutMs: 20 },
      });
      expect(json(await stage.slow(1))).toMatchObject({ code: "DEADLINE_EXCEEDED", details: { timeoutMs: 20 } });
    },
  },
  {
    name: "high goes before normal, normal before low",
    async tell(stage) {
      const first = await stage.occupy(1);
      const replies = [first.reply];
      for (const [index, priority] of ["low", "normal", "high"].entries()) {
        replies.push(stage.slow(index + 2, { "x-predikt-priority": priority }));
        await stage.queued(index + 1);
      }
      stage.release();
      await Promise.all(replies);
      expect(stage.slowRuns.map(({ feeds }) => feeds["x"]?.data[0])).toEqual([1, 4, 3, 2]);
    },
  },
  {
    name: "Server-Timing, where it was asked for",
    options: { serverTiming: true },
    async tell(stage) {
      const timing = /^queue;dur=\d+\.\d{3}, encode;dur=\d+\.\d{3}, run;dur=\d+\.\d{3}, decode;dur=\d+\.\d{3}, total;dur=\d+\.\d{3}$/;
      const reply = await stage.send({ path: at("/predict"), body: { x: 1 }, headers: { "x-request-id": "t-1" } });
      expect(reply.headers).toMatchObject({ "server-timing": expect.stringMatching(timing), "x-request-id": "t-1" });
      expect(json(reply)).toEqual({ y: 2 });
      const binary = await stage.send({
        path: at("/predict"),
        body: new Uint8Array(4),
        headers: { "content-type": "application/octet-stream" },
      });
      expect(binary.headers["server-timing"]).toMatch(timing);
      const total = /^total;dur=\d+\.\d{3}$/;
      expect((await stage.send({ path: at("/predict/double/batch"), body: [{ x: 1 }] })).headers["server-timing"]).toMatch(total);
      const raw = await stage.send({ path: at("/predict"), body: { x: 1 }, headers: { accept: "application/octet-stream" } });
      expect(raw.headers["server-timing"]).toMatch(total);
    },
  },
  {
    name: "no default model, where there are several and none was named",
    options: { default: undefined },
    async tell(stage) {
      const reply = await stage.send({ path: at("/predict"), body: { x: 1 } });
      expect(reply.status).toBe(404);
      expect(json(reply)).toEqual(failure("MODEL_NOT_FOUND", "no default model is set; name one: POST /predict/{model}"));
    },
  },
  {
    name: "hooks hear of every reply and of every 5xx, batch items included, and cannot break one",
    async tell(stage) {
      await stage.send({ path: at("/predict/moody/batch"), body: [{ mode: "ok" }, { mode: "decode" }, { mode: "secret" }] });
      await stage.send({ path: at("/predict/moody/versions/1"), body: { mode: "run" }, headers: { "x-request-id": "r-2" } });
      await stage.send({ path: at("/nowhere") });
      await stage.send({ path: at("/predict"), body: {} });
      expect(stage.site.errors).toEqual(["DEFINITION_FAILED", "BACKEND_RUN"]);
      expect(stage.site.replies).toEqual([
        {
          requestId: expect.any(String),
          method: "POST",
          route: "batch",
          operation: "predict",
          model: "moody",
          version: "1",
          status: 200,
          code: undefined,
          durationMs: expect.any(Number),
          jobs: expect.objectContaining({ model: "moody", count: 3, failed: 2 }),
        },
        {
          requestId: "r-2",
          method: "POST",
          route: "predict",
          operation: "predict",
          model: "moody",
          version: "1",
          status: 500,
          code: "BACKEND_RUN",
          durationMs: expect.any(Number),
          jobs: expect.objectContaining({ count: 1, failed: 1, device: "cpu" }),
        },
        {
          requestId: expect.any(String),
          method: "GET",
          route: undefined,
          operation: undefined,
          model: undefined,
          version: undefined,
          status: 404,
          code: "MODEL_NOT_FOUND",
          durationMs: expect.any(Number),
          jobs: undefined,
        },
        {
          requestId: expect.any(String),
          method: "POST",
          route: "predict",
          operation: "predict",
          model: "double",
          version: "3",
          status: 400,
          code: "INPUT_MISSING",
          durationMs: expect.any(Number),
          jobs: expect.objectContaining({ count: 1, failed: 1 }),
        },
      ]);
    },
  },
  {
    name: "hooks that throw break nothing",
    options: {
      onReply: () => {
        throw new Error("a hook");
      },
      onError: () => {
        throw new Error("a hook");
      },
    },
    async tell(stage) {
      expect((await stage.send({ path: at("/predict"), body: { x: 1 } })).status).toBe(200);
      expect((await stage.send({ path: at("/predict/moody"), body: { mode: "run" } })).status).toBe(500);
    },
  },
];
