import { describe, expect, it } from "vitest";
import { z } from "zod";
import { InputError, isPrediktError } from "../errors/index.ts";
import { defineModel } from "../model/index.ts";
import { createPredictor } from "../predictor/index.ts";
import { tensor } from "../tensor/index.ts";
import { FakeClock, fakeBackend, settle } from "../testing/index.ts";
import type { AccessHook, AccessRequest, Caller, RequestSize } from "./access.ts";
import { allOf, anyOf, bearerToken, requireScopes, unauthenticated } from "./access-hooks.ts";
import { type FetchHandler, toFetchHandler } from "./fetch-handler.ts";
import { createHandler } from "./handler.ts";
import { limitConcurrency, limitRate } from "./limits.ts";
import type { HandlerOptions, ReplyEvent } from "./options.ts";

const double = defineModel({
  name: "double",
  input: z.object({ x: z.number() }),
  output: z.object({ y: z.number() }),
  encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
  decode: ({ y }) => ({ y: Number(y?.data[0]) }),
  example: { x: 1 },
});

/** Whoever the header says. */
const named: AccessHook = (request) => {
  const id = request.header("x-name");
  if (id === undefined) throw unauthenticated("who are you?", 'Name realm="test"');
  request.caller = { id, scopes: request.header("x-scopes")?.split(" ") };
  return undefined;
};

async function site(options: Partial<HandlerOptions>) {
  const backend = fakeBackend();
  const models = [
    await createPredictor(double, { backend, source: "m" }),
    await createPredictor({ name: "raw", backend: fakeBackend(), source: "m" }),
  ];
  const replies: ReplyEvent[] = [];
  const handler = toFetchHandler({ models: models as never, default: "double", onReply: (event) => replies.push(event), ...options });
  return { handler, backend, replies };
}

function ask(handler: FetchHandler, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const type = body instanceof Uint8Array ? "application/octet-stream" : "application/json";
  const init = body === undefined ? {} : { method: "POST", body: body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body) };
  return handler(
    new Request(`http://h${path}`, { ...init, headers: { ...(body === undefined ? {} : { "content-type": type }), ...headers } }),
  );
}

const request = (parts: Partial<AccessRequest> = {}): AccessRequest => ({
  method: "POST",
  header: () => undefined,
  requestId: "r",
  operation: "predict",
  model: "double",
  ...parts,
});
const by = (id: string, scopes?: readonly string[]): { caller: Caller } => ({ caller: { id, scopes } });

describe("an access hook", () => {
  it("stands before every route but health, or but those that are open", async () => {
    const { handler, replies } = await site({ access: named });
    const refused = await ask(handler, "/predict", { x: 1 });
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, 'Name realm="test"']);
    for (const path of ["/models", "/docs", "/openapi.json", "/models/double"]) expect((await ask(handler, path)).status).toBe(401);
    expect((await ask(handler, "/health/live")).status).toBe(200);
    expect((await ask(handler, "/predict", { x: 1 }, { "x-name": "ada" })).status).toBe(200);
    expect(replies.map(({ caller }) => caller).filter((caller) => caller !== undefined)).toEqual(["ada"]);
    const strict = await site({ access: named, open: [] });
    expect((await ask(strict.handler, "/health/ready")).status).toBe(401);
    const wide = await site({ access: named, open: ["health", "metadata"] });
    expect((await ask(wide.handler, "/docs")).status).toBe(200);
    await expect(site({ open: "health" as never })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });

  it("is told the bytes before the body is used, and the rows before anything runs", async () => {
    const sizes: RequestSize[] = [];
    let left = 0;
    const access: AccessHook = () => Object.assign(() => left++, { weigh: (size: RequestSize) => void sizes.push(size) });
    const { handler } = await site({ access });
    const weighed = async (path: string, body: unknown): Promise<RequestSize> => {
      sizes.length = 0;
      expect((await ask(handler, path, body)).status).toBe(200);
      return sizes.reduce((sum, { rows, bytes }) => ({ rows: sum.rows + rows, bytes: sum.bytes + bytes }));
    };
    expect(await weighed("/predict", { x: 1 })).toEqual({ rows: 1, bytes: 7 });
    expect(await weighed("/predict/double/batch", [{ x: 1 }, { x: 2 }])).toEqual({ rows: 2, bytes: 17 });
    expect(await weighed("/predict/raw", { x: [[1], [2], [3]] })).toMatchObject({ rows: 3 });
    expect(await weighed("/predict/raw", { x: [1, 2, 3, 4] })).toMatchObject({ rows: 4 });
    expect(await weighed("/predict/raw", { x: { type: "float32", dims: [2, 1], data: [1, 2] } })).toMatchObject({ rows: 2 });
    expect(await weighed("/predict/raw", new Uint8Array(20))).toEqual({ rows: 5, bytes: 20 });
    expect(left).toBe(6);
  });

  it("may refuse by size, and leaves then too", async () => {
    let left = 0;
    const weigh = ({ rows }: RequestSize): void => {
      if (rows > 1) throw new InputError("INPUT_TOO_LARGE", "too many");
    };
    const { handler, backend } = await site({ access: () => Object.assign(() => left++, { weigh }) });
    const before = backend.runs.length;
    expect((await ask(handler, "/predict/double/batch", [{ x: 1 }, { x: 2 }])).status).toBe(413);
    expect([backend.runs.length - before, left]).toEqual([0, 1]);
  });
});

it("an access hook that fails lets nobody in, and tells whoever watches, but not the client", async () => {
  const secret = new Error("connect postgres://user:password@database");
  const failures: unknown[] = [];
  const onError = (error: Error): void => void failures.push(error.cause);
  const weigh = (): Promise<void> => Promise.reject(secret);
  for (const access of [() => Promise.reject(secret), () => Object.assign(() => {}, { weigh })]) {
    const { handler } = await site({ access, onError });
    const refused = await ask(handler, "/predict", { x: 1 });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    const text = await refused.text();
    expect(JSON.parse(text)).toMatchObject({ code: "NOT_READY" });
    expect(text).not.toContain("password");
  }
  expect(failures).toEqual([secret, secret]);
});

it("bytes are told of bodies that came in chunks and that somebody else has parsed", async () => {
  const sizes: RequestSize[] = [];
  const access: AccessHook = () => Object.assign(() => {}, { weigh: (size: RequestSize) => void sizes.push(size) });
  const { handler } = await site({ access });
  const sent = JSON.stringify({ x: 1, note: "é".repeat(50) });
  const stream = new Blob([sent]).stream();
  const chunked = { method: "POST", body: stream, duplex: "half", headers: { "content-type": "application/json" } } as RequestInit;
  expect((await handler(new Request("http://h/predict", chunked))).status).toBe(200);
  const predictor = await createPredictor(double, { backend: fakeBackend(), source: "m" });
  const parsing = createHandler({ models: [predictor as never], access });
  const { signal } = new AbortController();
  const read = (): Promise<never> => Promise.reject(new Error("it has been read"));
  const request = {
    method: "POST",
    url: "/predict",
    base: "",
    signal,
    header: () => undefined,
    origin: () => "http://h",
    text: read,
    bytes: read,
  };
  expect((await parsing.handle({ ...request, parsed: () => JSON.parse(sent) })).status).toBe(200);
  const total = new TextEncoder().encode(sent).length;
  expect(sizes).toEqual([
    { rows: 0, bytes: total },
    { rows: 1, bytes: 0 },
    { rows: 1, bytes: total },
  ]);
});

describe("allOf", () => {
  it("asks in order, and all leave in the reverse order, also where a later one refuses", async () => {
    const seen: string[] = [];
    const hook =
      (name: string): AccessHook =>
      () => {
        seen.push(name);
        return Object.assign(() => void seen.push(`-${name}`), { weigh: async () => void seen.push(`=${name}`) });
      };
    const leave = await allOf([hook("a"), () => undefined, hook("b")])(request());
    await leave?.weigh?.({ rows: 1, bytes: 1 });
    leave?.();
    expect(seen.splice(0)).toEqual(["a", "b", "=a", "=b", "-b", "-a"]);
    await expect(allOf([hook("a"), requireScopes()])(request())).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(seen).toEqual(["a", "-a"]);
    expect(() => allOf([])).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});

describe("anyOf", () => {
  it("asks the next one where the caller is not known, and no one else may overrule a refusal", async () => {
    const unknown: AccessHook = () => {
      throw unauthenticated("first");
    };
    const asking = request();
    await anyOf([unknown, (each) => void Object.assign(each, by("ada"))])(asking);
    expect(asking.caller?.id).toBe("ada");
    await expect(anyOf([unknown, named])(request())).rejects.toMatchObject({ message: "first" });
    const late = allOf([(each) => void Object.assign(each, by("eve")), unknown]);
    const left = request();
    await anyOf([late, () => undefined])(left);
    expect(left.caller).toBeUndefined();
    const forbidding = allOf([(each) => void Object.assign(each, by("bob")), requireScopes()]);
    await expect(anyOf([forbidding, () => undefined])(request())).rejects.toMatchObject({ code: "FORBIDDEN", status: 403 });
  });
});

describe("requireScopes", () => {
  it.each([
    ["predict:double", "predict", "double", true],
    ["predict:double", "predict", "raw", false],
    ["predict:double", "metadata", "double", false],
    ["predict", "predict", "raw", true],
    ["predict:*", "predict", "raw", true],
    ["*:double", "metadata", "double", true],
    ["*", "control", undefined, true],
    ["metadata:double", "metadata", undefined, false],
    ["metadata", "metadata", undefined, true],
    ["predict:a:b", "predict", "a:b", true],
    ["predict:", "predict", "double", false],
    ["", "predict", "double", false],
  ] as const)("%s for %s of %s: %s", (scope, operation, model, allowed) => {
    const check = () => requireScopes()(request({ operation, model, ...by("ada", [scope]) }));
    if (allowed) expect(check()).toBeUndefined();
    else
      expect(check).toThrow(expect.objectContaining({ code: "FORBIDDEN", message: `this needs the scope "${operation}:${model ?? "*"}"` }));
  });

  it.each([
    ["predict", "/predict"],
    ["predict", "/predict/double"],
    ["predict", "/predict/%64ouble"],
    ["predict", "/predict/double/batch"],
    ["predict", "/predict/double/versions/1"],
    ["predict", "/predict/double/labels/stable"],
    ["predict", "/v2/models/double/infer"],
    ["predict", "/v2/models/%64ouble/versions/1/infer"],
    ["predict", "/v1/models/double:predict"],
    ["predict", "/v1/models/double/versions/1:predict"],
    ["predict", "/v1/models/double/labels/stable:predict"],
    ["metadata", "/models/double"],
    ["metadata", "/v2/models/double"],
    ["metadata", "/v2/models/double/stats"],
    ["metadata", "/v1/models/double"],
    ["metadata", "/v1/models/double/metadata"],
  ] as const)("%s of a model is that in every protocol: %s", async (operation, path) => {
    const { handler } = await site({ access: allOf([named, requireScopes()]) });
    const body = operation === "predict" ? {} : undefined;
    const by = async (scopes: string): Promise<number> => (await ask(handler, path, body, { "x-name": "ada", "x-scopes": scopes })).status;
    for (const other of [`${operation}:raw`, `${operation === "predict" ? "metadata" : "predict"}:double`, "control metrics"])
      expect(await by(other), other).toBe(403);
    for (const own of [`${operation}:double`, operation]) expect([401, 403], own).not.toContain(await by(own));
  });

  it.each([
    ["metadata", "/models"],
    ["metadata", "/openapi.json"],
    ["metadata", "/v2"],
    ["metadata", "/v2/models/stats"],
    ["metrics", "/status"],
    ["metrics", "/status.json"],
    ["metrics", "/metrics"],
  ] as const)("%s that concerns all models needs all: %s", async (operation, path) => {
    const metrics = { contentType: "text/plain", render: () => "" };
    const { handler } = await site({ access: allOf([named, requireScopes()]), metrics });
    const by = async (scopes: string): Promise<number> =>
      (await ask(handler, path, undefined, { "x-name": "ada", "x-scopes": scopes })).status;
    expect([await by(`${operation}:double`), await by("predict"), await by(operation)]).toEqual([403, 403, 200]);
  });

  it("allows nobody who has none, or whom nobody knows", () => {
    expect(() => requireScopes()(request(by("ada")))).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
    expect(() => requireScopes()(request())).toThrow(expect.objectContaining({ code: "UNAUTHENTICATED" }));
  });
});

describe("limitRate", () => {
  it("lets a burst pass and then as much as comes back, and says when", async () => {
    const clock = new FakeClock();
    const hook = limitRate({ requests: { amount: 2, perMs: 1000 }, clock });
    const enter = (id: string): unknown => {
      try {
        hook(request(by(id)));
        return "ok";
      } catch (error) {
        return isPrediktError(error) ? [error.code, error.details["retryAfterMs"]] : error;
      }
    };
    expect([enter("ada"), enter("ada"), enter("ada"), enter("bob")]).toEqual(["ok", "ok", ["RATE_LIMITED", 500], "ok"]);
    await clock.advance(499);
    expect(enter("ada")).toEqual(["RATE_LIMITED", 1]);
    await clock.advance(1);
    expect([enter("ada"), enter("ada")]).toEqual(["ok", ["RATE_LIMITED", 500]]);
    await clock.advance(10_000);
    expect([enter("ada"), enter("ada"), enter("ada")]).toEqual(["ok", "ok", ["RATE_LIMITED", 500]]);
  });

  it("counts rows and bytes through a handler, with Retry-After", async () => {
    const clock = new FakeClock();
    const access = limitRate({ rows: { amount: 3, perMs: 3000 }, bytes: { amount: 1000, perMs: 1 }, clock });
    const { handler, backend } = await site({ access });
    const runs = backend.runs.length;
    expect((await ask(handler, "/predict/double/batch", [{ x: 1 }, { x: 2 }])).status).toBe(200);
    const refused = await ask(handler, "/predict/double/batch", [{ x: 3 }, { x: 4 }]);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    expect(await refused.json()).toMatchObject({ code: "RATE_LIMITED", details: { limited: "rows" } });
    expect((await ask(handler, "/predict", { x: 3 })).status).toBe(200);
    expect((await ask(handler, "/predict", { x: 3 })).status).toBe(429);
    expect((await ask(handler, "/predict/double/batch", [1, 2, 3, 4])).status).toBe(413);
    expect((await ask(handler, "/predict", { x: 1, pad: "*".repeat(1000) })).status).toBe(413);
    expect((await ask(handler, "/models")).status).toBe(200);
    expect(backend.runs.length - runs).toBe(3);
  });

  it("remembers so many keys, and counts by whom it is told", async () => {
    const clock = new FakeClock();
    const hook = limitRate({ requests: { amount: 1, perMs: 1000 }, maxKeys: 2, clock });
    for (const id of ["a", "b", "c", "a"]) hook(request(by(id)));
    expect(() => hook(request(by("c")))).toThrow();
    const all = limitRate({ requests: { amount: 1, perMs: 1000 }, per: "all", clock });
    all(request(by("a")));
    expect(() => all(request(by("b")))).toThrow();
    const addresses = limitRate({ requests: { amount: 1, perMs: 1000 }, clock });
    addresses(request({ address: "1.1.1.1" }));
    addresses(request({ address: "2.2.2.2" }));
    addresses(request(by("1.1.1.1")));
    expect(() => addresses(request({ address: "2.2.2.2" }))).toThrow();
    const told = limitRate({ requests: { amount: 1, perMs: 1000 }, per: ({ model }) => model ?? "", operations: ["metadata"], clock });
    for (const operation of ["predict", "predict", "metadata"] as const) told(request({ operation }));
    expect(() => told(request({ operation: "metadata" }))).toThrow();
  });
});

describe("limitConcurrency", () => {
  it("holds requests and rows under way to a number, and frees them with the reply", async () => {
    const { handler, backend } = await site({ access: limitConcurrency({ requests: 2, rows: 3, retryAfterMs: 2500 }) });
    backend.hold(true);
    const before = backend.runs.length;
    const first = ask(handler, "/predict/double/batch", [{ x: 1 }, { x: 2 }]);
    while (backend.runs.length === before) await settle();
    const rows = await ask(handler, "/predict/double/batch", [{ x: 1 }, { x: 2 }]);
    expect([rows.status, rows.headers.get("retry-after")]).toEqual([429, "3"]);
    const second = ask(handler, "/predict", { x: 1 });
    expect(await (await ask(handler, "/predict", { x: 1 })).json()).toMatchObject({
      code: "RATE_LIMITED",
      details: { limited: "requests" },
    });
    backend.hold(false);
    backend.release();
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    expect((await ask(handler, "/predict/double/batch", [{ x: 1 }, { x: 2 }, { x: 3 }])).status).toBe(200);
    expect((await ask(handler, "/predict/double/batch", [1, 2, 3, 4])).status).toBe(413);
  });

  it("frees what a client had that went away, and one whose input was wrong", async () => {
    const { handler, backend } = await site({ access: limitConcurrency({ requests: 1, rows: 1 }) });
    const before = backend.runs.length;
    const leaving = new AbortController();
    backend.hold(true);
    const headers = { "content-type": "application/json" };
    const reply = handler(new Request("http://h/predict", { method: "POST", body: '{"x":1}', headers, signal: leaving.signal }));
    while (backend.runs.length === before) await settle();
    leaving.abort();
    expect((await reply).status).toBe(499);
    backend.hold(false);
    backend.release();
    expect((await ask(handler, "/predict", { x: 1 })).status).toBe(200);
    expect((await ask(handler, "/predict", { x: "1" })).status).toBe(400);
    expect((await ask(handler, "/predict", { x: 1 })).status).toBe(200);
  });

  it("frees what a refused request had", async () => {
    const hook = limitConcurrency({ requests: 1, bytes: 10 });
    const leave = await hook(request());
    expect(() => leave?.weigh?.({ rows: 0, bytes: 11 })).toThrow(expect.objectContaining({ code: "INPUT_TOO_LARGE" }));
    expect(() => hook(request())).toThrow();
    leave?.();
    expect(await hook(request())).toBeTypeOf("function");
  });
});

it("limits refuse wrong options", () => {
  const config = (path: string) => expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path }) });
  expect(() => limitRate({})).toThrow(config("options"));
  expect(() => limitRate({ requests: { amount: 0, perMs: 1 } })).toThrow(config("requests.amount"));
  expect(() => limitRate({ rows: { amount: 1 } as never })).toThrow(config("rows.perMs"));
  expect(() => limitRate({ requests: { amount: 1, perMs: 1 }, per: "ip" as never })).toThrow(config("per"));
  expect(() => limitRate({ requests: { amount: 1, perMs: 1 }, operations: ["infer"] as never })).toThrow(config("operations"));
  expect(() => limitConcurrency({ rows: 0 })).toThrow(config("rows"));
  expect(() => limitConcurrency({ request: 1 } as never)).toThrow(config("options.request"));
});

it("bearerToken reads one token", () => {
  const read = (authorization?: string) => bearerToken({ header: () => authorization });
  expect([read("Bearer abc"), read("bearer  abc "), read("Basic abc"), read("Bearer"), read("Bearer a b"), read()]).toEqual([
    "abc",
    "abc",
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
