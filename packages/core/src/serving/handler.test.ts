import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { InputError, ModelError, OverloadError } from "../errors/index.ts";
import { defineModel } from "../model/index.ts";
import { createPredictor } from "../predictor/index.ts";
import { tensor } from "../tensor/index.ts";
import { fakeBackend, settle } from "../testing/index.ts";
import type { AnyPredictor, ModelResolver, ModelSelector } from "../types/index.ts";
import { toFetchHandler } from "./fetch-handler.ts";
import { createHandler } from "./handler.ts";
import type { HandlerOptions } from "./options.ts";

const double = defineModel({
  name: "double",
  input: z.object({ x: z.number() }),
  output: z.object({ y: z.number() }),
  encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
  decode: ({ y }) => ({ y: Number(y?.data[0]) }),
  example: { x: 3 },
});

const post = (path: string, body: unknown, headers: Record<string, string> = {}): Request =>
  new Request(`http://h.test${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  });

describe("createHandler", () => {
  it("takes typed predictors as they are, and the only one is the default", async () => {
    const predictor = await createPredictor(double, { backend: fakeBackend(), source: "m" });
    expectTypeOf({ models: [predictor] }).toExtend<HandlerOptions>();
    const handler = toFetchHandler({ models: [predictor] });
    expect(await (await handler(post("/predict", { x: 2 }))).json()).toEqual({ y: 4 });
    await predictor.close();
  });

  it.each([
    ["default", { default: "nobody" }],
    ["prefix", { prefix: "/a?b" }],
    ["prefix", { prefix: 1 as never }],
    ["base", { base: "/a b" }],
    ["limits.jsonBytes", { limits: { jsonBytes: 0 } }],
    ["limits.binaryBytes", { limits: { binaryBytes: Number.NaN } }],
    ["limits.batchItems", { limits: { batchItems: "9" as never } }],
    ["limits.timeoutMs", { limits: { timeoutMs: -1 } }],
    ["models", { models: undefined as never }],
    ["models", { models: {} as never }],
    ["models[0]", { models: [Promise.resolve()] as never }],
    ["models[0]", { models: [undefined] as never }],
  ] satisfies [string, Partial<HandlerOptions>][])("refuses a wrong %s", (path, options) => {
    expect(() => createHandler({ models: [], ...options })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path }) }),
    );
  });

  it("refuses two predictors of one name and version", async () => {
    const open = (version: string): Promise<AnyPredictor> =>
      createPredictor(double, { backend: fakeBackend(), source: "m", version }) as Promise<AnyPredictor>;
    const [a, b, c] = await Promise.all([open("1"), open("1"), open("2")]);
    expect(() => createHandler({ models: [a, b] as AnyPredictor[] })).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    expect(() => createHandler({ models: [a, c] as AnyPredictor[] })).not.toThrow();
    await Promise.all([a.close(), b.close(), c.close()]);
  });

  it.each([
    ["", ""],
    ["/", ""],
    ["api", "/api"],
    ["//a/b/", "/a/b"],
  ])("has the prefix %j as %j", (given, prefix) => {
    expect(createHandler({ models: [], prefix: given }).prefix).toBe(prefix);
  });

  it("asks a resolver of the caller's own, with all that the request says", async () => {
    const predictor = (await createPredictor(double, { backend: fakeBackend(), source: "m" })) as unknown as AnyPredictor;
    const asked: [string, ModelSelector][] = [];
    const models: ModelResolver = {
      resolve(name, selector) {
        asked.push([name, selector]);
        if (name === "gone") throw new ModelError("MODEL_NOT_FOUND", "gone");
        return predictor;
      },
      list: () => [{ name: "double", version: "1", labels: ["stable"], predictor }],
    };
    const handler = toFetchHandler({ models });
    expect((await handler(post("/predict/m/versions/7", { x: 1 }, { "x-predikt-routing-key": "u" }))).status).toBe(200);
    expect((await handler(post("/predict/m/labels/canary", { x: 1 }))).status).toBe(200);
    expect((await handler(post("/predict", { x: 1 }))).status).toBe(200);
    expect((await handler(post("/predict/gone", { x: 1 }))).status).toBe(404);
    expect(asked).toEqual([
      ["m", { version: "7", label: undefined, routingKey: "u" }],
      ["m", { version: undefined, label: "canary", routingKey: undefined }],
      ["double", { version: undefined, label: undefined, routingKey: undefined }],
      ["gone", { version: undefined, label: undefined, routingKey: undefined }],
    ]);
    await predictor.close();
  });

  it("rounds Retry-After up to whole seconds, at least one", async () => {
    const answers = [{ retryAfterMs: 1200 }, { retryAfterMs: 0 }, {}, { retryAfterMs: "x" }];
    const refused: string[] = [];
    for (const details of answers) {
      const predictor = {
        info: { name: "m", version: "ä 1" },
        predict: () => Promise.reject(new OverloadError("RATE_LIMITED", "slow down", { details })),
      };
      const reply = await toFetchHandler({ models: [predictor as unknown as AnyPredictor] })(post("/predict", {}));
      refused.push(`${reply.status} ${reply.headers.get("retry-after")}`);
    }
    expect(refused).toEqual(["429 2", "429 1", "429 1", "429 1"]);
  });

  it.each([
    ["ä 1\n", "%C3%A4%201%0A"],
    ["😀", "%F0%9F%98%80"],
    ["\ud83d", "%EF%BF%BD"],
  ])("has the version %j as a header can carry it", async (version, header) => {
    const predictor = { info: { name: "m", version }, predict: async () => 1 };
    const reply = await toFetchHandler({ models: [predictor as unknown as AnyPredictor] })(post("/predict", {}));
    expect([reply.status, reply.headers.get("x-predikt-model-version")]).toEqual([200, header]);
  });

  it("outlives hooks that reject, and errors that no reply can carry", async () => {
    const hook = async (): Promise<void> => {
      throw new Error("a hook");
    };
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    for (const details of [cycle, { retryAfterMs: Symbol("no number") }, { allow: "GET\r\nx: y" }, { n: 1n }]) {
      const predict = (): Promise<never> => Promise.reject(new InputError("METHOD_NOT_ALLOWED", "m", { details }));
      const predictor = { info: { name: "m", version: "1" }, predict, on: () => () => {} } as unknown as AnyPredictor;
      const reply = await toFetchHandler({ models: [predictor], onReply: hook, onError: hook })(post("/predict", {}));
      expect([reply.status, await reply.json()]).toMatchObject([405, { code: "METHOD_NOT_ALLOWED" }]);
      expect(reply.headers.get("allow")).toBeNull();
    }
  });

  it("links to where a proxy or a mount has it", async () => {
    const handler = toFetchHandler({ models: [], prefix: "/api", base: "tenant/a/" });
    const document = (await (await handler(new Request("http://h.test/api/openapi.json"))).json()) as object;
    expect(document).toMatchObject({ servers: [{ url: "/tenant/a/api" }] });
    expect(await (await handler(new Request("http://h.test/api/docs"))).text()).toContain('href="/tenant/a/api/openapi.json"');
  });

  it("takes what a schema of the caller's throws for a broken definition", async () => {
    const schema = {
      "~standard": {
        version: 1,
        vendor: "own",
        validate: (): never => {
          throw new Error("secret");
        },
      },
    } as const;
    const good = { "~standard": { version: 1, vendor: "own", validate: (value: unknown) => ({ value }) } } as const;
    let input: typeof schema | typeof good = good;
    const definition = {
      ...double,
      input: {
        get "~standard"() {
          return input["~standard"];
        },
      },
    };
    const predictor = (await createPredictor(definition as never, { backend: fakeBackend(), source: "m" })) as AnyPredictor;
    input = schema;
    const reply = await toFetchHandler({ models: [predictor] })(post("/predict", { x: 1 }));
    expect([reply.status, await reply.json()]).toEqual([500, { code: "DEFINITION_FAILED", error: expect.not.stringContaining("secret") }]);
    await predictor.close();
  });

  it("closes once idle, again and again", async () => {
    const backend = fakeBackend();
    const predictor = await createPredictor(double, { backend, source: "m" });
    const handler = toFetchHandler({ models: [predictor] });
    backend.hold(true);
    const first = handler(post("/predict", { x: 1 }));
    await settle();
    const closed: string[] = [];
    const closing = [handler.close().then(() => closed.push("a")), handler.close().then(() => closed.push("b"))];
    await settle();
    expect(closed).toEqual([]);
    expect((await handler(post("/predict", { x: 1 }))).status).toBe(503);
    backend.release();
    expect((await first).status).toBe(200);
    await Promise.all(closing);
    await handler.close();
    expect(closed).toEqual(["a", "b"]);
    await predictor.close();
  });
});

describe("toFetchHandler", () => {
  it("needs no socket: an abort of the request's signal aborts its job", async () => {
    const backend = fakeBackend();
    const predictor = await createPredictor(double, { backend, source: "m" });
    const handler = toFetchHandler({ models: [predictor] });
    backend.hold(true);
    const abort = new AbortController();
    const reply = handler(new Request(post("/predict", { x: 1 }), { signal: abort.signal }));
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
    abort.abort();
    expect((await reply).status).toBe(499);
    expect(predictor.stats()).toMatchObject({ aborted: 1 });
    backend.release();
    await predictor.close();
  });

  it("refuses what has not come whole when it closes", async () => {
    const predictor = await createPredictor(double, { backend: fakeBackend(), source: "m" });
    const handler = toFetchHandler({ models: [predictor] });
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{"x":')) });
    const headers = { "content-type": "application/json" };
    const reply = handler(new Request("http://h.test/predict", { method: "POST", body, headers, duplex: "half" } as RequestInit));
    await handler.close();
    expect([(await reply).status, await (await reply).json()]).toMatchObject([503, { code: "DRAINING" }]);
    await predictor.close();
  });

  it("says so where somebody else has read the body", async () => {
    const predictor = await createPredictor(double, { backend: fakeBackend(), source: "m" });
    const request = post("/predict", { x: 1 });
    await request.text();
    const reply = await toFetchHandler({ models: [predictor] })(request);
    expect([reply.status, await reply.json()]).toMatchObject([400, { code: "BODY_INVALID" }]);
    await predictor.close();
  });

  it("stands on a handler that is there already", async () => {
    const handler = createHandler({ models: [], prefix: "/api" });
    const answer = toFetchHandler(handler);
    expect((await answer(new Request("http://h.test/api/health/live"))).status).toBe(200);
    expect((await answer(new Request("http://h.test"))).status).toBe(404);
    await answer.close();
    expect((await answer(new Request("http://h.test/api/health/ready"))).status).toBe(503);
  });
});
