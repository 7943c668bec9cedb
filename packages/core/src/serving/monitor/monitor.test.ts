import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineModel } from "../../model/index.ts";
import { createPredictor } from "../../predictor/index.ts";
import { tensor } from "../../tensor/index.ts";
import { fakeBackend, settle } from "../../testing/index.ts";
import type { AnyPredictor, ModelResolver, ServedModel } from "../../types/index.ts";
import { toFetchHandler } from "../fetch-handler.ts";
import type { HandlerOptions, ReplyEvent } from "../options.ts";
import type { Logger } from "./logger.ts";
import { outcomeOf } from "./outcome.ts";
import { watchModels } from "./watch-models.ts";

const double = defineModel({
  name: "double",
  input: z.object({ x: z.number() }),
  output: z.object({ y: z.number() }),
  encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
  decode: ({ y }) => ({ y: Number(y?.data[0]) }),
  example: { x: 3 },
});

const open = async (options: object = {}): Promise<AnyPredictor> =>
  (await createPredictor(double, { backend: fakeBackend(), source: "m", ...options })) as unknown as AnyPredictor;
const post = (path: string, body: unknown, headers: Record<string, string> = {}): Request =>
  new Request(`http://h.test${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  });

interface Line {
  readonly level: string;
  readonly fields: Record<string, unknown>;
  readonly message: string;
}

function logging(): { readonly lines: Line[]; readonly logger: Logger } {
  const lines: Line[] = [];
  const at =
    (level: string) =>
    (fields: object, message: string): void =>
      void lines.push({ level, fields: fields as Record<string, unknown>, message });
  return { lines, logger: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") } };
}

async function lines(options: Partial<HandlerOptions>, ...requests: Request[]): Promise<Line[]> {
  const { lines, logger } = logging();
  const predictor = await open({ batching: { maxBatchSize: 8 } });
  const handler = toFetchHandler({ models: [predictor], logger, ...options });
  for (const request of requests) await handler(request);
  await handler.close();
  await predictor.close();
  return lines;
}

describe("a logger", () => {
  it("gets one line for each request, its level by status, without the input", async () => {
    const secret = { x: 424242 };
    const [one, wrong, health, nowhere, batch] = (await lines(
      {},
      post("/predict/double", secret, { "x-request-id": "r1", authorization: "Bearer t0ken" }),
      post("/predict/double", { x: "424242" }),
      new Request("http://h.test/health/live"),
      post("/predict/nobody", {}),
      post("/predict/double/batch", [{ x: 1 }, { x: "1" }]),
    )) as [Line, Line, Line, Line, Line];
    const number = expect.any(Number);
    const times = { durationMs: number, encodeMs: number, queueMs: number, runMs: number, decodeMs: number };
    const about = { method: "POST", route: "predict", model: "double", version: "1" };
    expect(one).toEqual({
      level: "info",
      fields: { requestId: "r1", ...about, status: 200, ...times, batchSize: 1 },
      message: "POST predict 200",
    });
    expect(wrong).toMatchObject({ level: "warn", fields: { ...about, status: 400, code: "INPUT_DTYPE", batchSize: 0 } });
    expect(health).toMatchObject({ level: "debug", fields: { route: "live", status: 200 } });
    expect(nowhere).toMatchObject({ level: "warn", fields: { model: "nobody", status: 404, code: "MODEL_NOT_FOUND" } });
    expect(batch).toMatchObject({ level: "info", fields: { route: "batch", items: 2, failedItems: 1 } });
    expect(JSON.stringify([one, wrong, health, nowhere, batch])).not.toMatch(/424242|t0ken/);
  });

  it("gets an error for what is ours", async () => {
    const predictor = await open({ backend: fakeBackend({ compute: broken }), warmup: false, batching: false });
    expect(await lines({ models: [predictor] }, post("/predict", { x: 1 }))).toMatchObject([
      { level: "error", fields: { status: 500, code: "BACKEND_RUN" } },
    ]);
    await predictor.close();
  });

  it("gets inputs only where asked, and not without end", async () => {
    const long = { x: 1, note: "é".repeat(9000) };
    const [small, large, bytes] = await lines(
      { logInputs: true },
      post("/predict", { x: 7 }),
      post("/predict", long),
      new Request("http://h.test/predict", {
        method: "POST",
        body: new Uint8Array(4),
        headers: { "content-type": "application/octet-stream" },
      }),
    );
    expect(small?.fields["input"]).toBe('{"x":7}');
    expect(large?.fields["input"]).toHaveLength(4097);
    expect(bytes?.fields).toMatchObject({ status: 200, input: "4 bytes" });
  });

  it("that throws harms nobody", async () => {
    const { logger } = logging();
    const info = (): never => {
      throw new Error("disk full");
    };
    const predictor = await open();
    const handler = toFetchHandler({ models: [predictor], logger: { ...logger, info } });
    expect((await handler(post("/predict", { x: 1 }))).status).toBe(200);
    await predictor.close();
  });
});

it("knows the version of a request that was under way when the version left", async () => {
  const backend = fakeBackend();
  const predictor = await open({ backend });
  const resolver = { gone: false, heard: () => {} };
  const replies: ReplyEvent[] = [];
  const models: ModelResolver = {
    resolve: () => predictor,
    list: () => (resolver.gone ? [] : [{ name: "double", version: "7", labels: [], predictor }]),
    onChange: (listener) => {
      resolver.heard = listener;
      return () => {};
    },
  };
  const handler = toFetchHandler({ models, onReply: (event) => replies.push(event) });
  backend.hold(true);
  const reply = handler(post("/predict/double", { x: 1 }));
  await settle();
  resolver.gone = true;
  resolver.heard();
  backend.hold(false);
  backend.release();
  expect((await reply).status).toBe(200);
  expect(replies).toMatchObject([{ version: "7", jobs: { count: 1, failed: 0 } }]);
  await handler.close();
  await predictor.close();
});

it("tracing that throws harms nobody", async () => {
  const predictor = await open();
  const request = (): never => {
    throw new Error("no exporter");
  };
  const handler = toFetchHandler({ models: [predictor], tracing: { request } });
  expect((await handler(post("/predict", { x: 1 }))).status).toBe(200);
  await predictor.close();
});

it("tells requests apart that share an id", async () => {
  const backend = fakeBackend();
  const predictor = await open({ backend, batching: false });
  const replies: ReplyEvent[] = [];
  const handler = toFetchHandler({ models: [predictor], onReply: (event) => replies.push(event) });
  const same = { "x-request-id": "same" };
  await Promise.all([handler(post("/predict", { x: "1" }, same)), handler(post("/predict", { x: 1 }, same))]);
  expect(replies.map(({ status, jobs }) => [status, jobs?.count, jobs?.failed])).toEqual(
    expect.arrayContaining([
      [400, 1, 1],
      [200, 1, 0],
    ]),
  );
  await predictor.close();
});

it("a handler that nobody watches listens to nothing but what OIP's statistics count", async () => {
  const predictor = await open();
  const heard: string[] = [];
  const listened: AnyPredictor["on"] = (type, listener) => {
    heard.push(type);
    return predictor.on(type, listener);
  };
  const counted = new Proxy(predictor, {
    get(target, key) {
      if (key === "on") return listened;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const handler = toFetchHandler({ models: [counted] });
  await handler(post("/predict", { x: 1 }));
  expect(heard.sort()).toEqual(["batch-run", "job-settled"]);
  await handler(new Request("http://h.test/status.json"));
  expect(heard.slice(2)).toEqual(["*"]);
  await handler.close();
  await predictor.close();
});

it.each([
  ["succeeded", undefined, "succeeded"],
  ["aborted", undefined, "aborted"],
  ["expired", "DEADLINE_EXCEEDED", "expired"],
  ["failed", "INPUT_SHAPE", "invalid"],
  ["failed", "QUEUE_FULL", "rejected"],
  ["failed", "DEADLINE_EXCEEDED", "expired"],
  ["failed", "BACKEND_LOST", "failed"],
  ["failed", "REMOTE_STATUS", "failed"],
  ["failed", undefined, "failed"],
] as const)("%s with %s is %s", (outcome, code, expected) => {
  expect(outcomeOf({ outcome, code })).toBe(expected);
});

describe("watchModels", () => {
  it("knows who came and who went", async () => {
    const predictors = await Promise.all([open(), open(), open()]);
    const served = (which: number, version = "1"): ServedModel => ({
      name: "m",
      version,
      labels: [],
      predictor: predictors[which] as AnyPredictor,
    });
    let list = [served(0), served(1)];
    const listeners = new Set<() => void>();
    const resolver: ModelResolver = {
      resolve: () => predictors[0] as AnyPredictor,
      list: () => list,
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const told: string[] = [];
    const stop = watchModels(resolver, ({ predictor }) => {
      const name = predictors.indexOf(predictor);
      told.push(`+${name}`);
      return () => told.push(`-${name}`);
    });
    list = [served(1), served(2), served(1, "again")];
    for (const listener of listeners) listener();
    expect(told).toEqual(["+0", "+1", "+2", "-0"]);
    stop();
    expect(told.slice(4)).toEqual(["-1", "-2"]);
    expect(listeners.size).toBe(0);
    await Promise.all(predictors.map((predictor) => predictor.close()));
  });
});

function broken(): never {
  throw new Error("a fault");
}
