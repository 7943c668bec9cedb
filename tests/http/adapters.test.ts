import { createServer } from "node:http";
import * as http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { createGunzip, gzipSync } from "node:zlib";
import { createPredictor } from "@predikt/core";
import type { AnyPredictor } from "@predikt/core/serving";
import { fakeBackend } from "@predikt/core/testing";
import { type ExpressMiddleware, predikt as expressPredikt } from "@predikt/node/express";
import { predikt } from "@predikt/node/fastify";
import { createRequestListener, type ListenerOptions } from "@predikt/node/http";
import express from "express";
import express4 from "express4";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import { createSite, type Site } from "./models.ts";
import { message } from "./scenarios/oip.ts";
import { at } from "./scenarios/scenario.ts";
import { type Ask, type Got, json, oneSocket, send } from "./send.ts";
import { adapters, listening, type Serve, type Served } from "./servers.ts";
import { until } from "./until.ts";

const clearing: (() => unknown)[] = [];
afterEach(async () => {
  for (const clear of clearing.splice(0).reverse()) await clear();
});

async function makeSite(options?: Partial<ListenerOptions>): Promise<Site> {
  const site = await createSite(options);
  clearing.push(() => site.close());
  return site;
}

async function ask(served: Served, what: Ask): Promise<Got> {
  const agent = oneSocket();
  try {
    return await send(served.origin, what, agent);
  } finally {
    agent.destroy();
  }
}

async function fastify(app: FastifyInstance): Promise<Served> {
  await app.listen({ host: "127.0.0.1", port: 0 });
  clearing.push(() => app.close());
  return { origin: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, close: () => app.close() };
}

describe.each([
  ["5", express],
  ["4", express4],
])("Express %s behind body parsers", (_version, make) => {
  const parsers = {
    json: make.json({ limit: "1mb", type: ["json", "application/*+json"] }),
    "json that takes anything": make.json({ strict: false }),
    raw: make.raw({ type: () => true, limit: "1mb" }),
    text: make.text({ type: "application/json", limit: "1mb" }),
    urlencoded: make.urlencoded({ extended: true }),
  };

  async function serve(...use: (keyof typeof parsers)[]): Promise<Served> {
    const site = await makeSite();
    const middleware: ExpressMiddleware = expressPredikt(site.options);
    const app = make();
    for (const name of use) app.use(parsers[name]);
    app.use("/api", middleware);
    const served = await listening(app, () => middleware.close());
    clearing.push(() => served.close());
    return served;
  }

  it.each(Object.keys(parsers) as (keyof typeof parsers)[])("%s", async (parser) => {
    const served = await serve(parser);
    expect(json(await ask(served, { path: at("/predict"), body: { x: 3 } }))).toEqual({ y: 6 });
    expect(json(await ask(served, { path: at("/predict/double/batch"), body: [{ x: 3 }] }))).toEqual([{ output: { y: 6 } }]);
    const headers = { "content-type": "application/octet-stream" };
    expect(json(await ask(served, { path: at("/predict"), body: new Uint8Array(Float32Array.of(4).buffer), headers }))).toEqual({ y: 8 });
    const zipped = { "content-type": "application/json", "content-encoding": "gzip" };
    expect(json(await ask(served, { path: at("/predict"), body: gzipSync('{"x":5}'), headers: zipped }))).toEqual({ y: 10 });
    expect((await ask(served, { method: "POST", path: at("/predict"), headers: { "content-type": "application/json" } })).status).toBe(400);
    expect((await ask(served, { path: at("/models") })).status).toBe(200);
  });

  it("holds what they parsed to the same rules", async () => {
    const served = await serve("json", "raw");
    const deep = await ask(served, {
      path: at("/predict/cube"),
      body: `{"x":${"[".repeat(1000)}${"]".repeat(1000)}}`,
      headers: { "content-type": "application/json" },
    });
    expect(json(deep)).toMatchObject({ code: "INPUT_TOO_LARGE", details: { limit: 64 } });
    const proto = await ask(served, {
      path: at("/predict"),
      body: '{"x":1,"__proto__":{"z":1}}',
      headers: { "content-type": "application/json" },
    });
    expect(json(proto)).toEqual({ y: 2 });
    const large = await ask(served, {
      path: at("/predict/cube"),
      body: new Uint8Array(200_000),
      headers: { "content-type": "application/octet-stream" },
    });
    expect(json(large)).toMatchObject({ code: "INPUT_TOO_LARGE" });
    const text = await ask(served, { path: at("/predict"), body: "x", headers: { "content-type": "text/plain" } });
    expect(json(text)).toMatchObject({ code: "UNSUPPORTED_MEDIA_TYPE" });
  });

  it.each(["text", "json that takes anything"] as const)("%s: what they take past our limit is refused", async (parser) => {
    const served = await serve(parser);
    const body = `{"x":1${" ".repeat(70_000)}}`;
    const large = await ask(served, { path: at("/predict"), body, headers: { "content-type": "application/json" } });
    expect(json(large)).toMatchObject({ code: "INPUT_TOO_LARGE", details: { limit: 65_536 } });
  });

  it("takes bytes that a parser has put anywhere", async () => {
    const site = await makeSite();
    const app = make();
    app.use(make.raw({ type: () => true }), (req, _res, next) => {
      req.body = Buffer.concat([Buffer.from("z"), req.body as Buffer]).subarray(1);
      next();
    });
    app.use("/api", expressPredikt(site.options));
    const served = await listening(app, async () => {});
    clearing.push(() => served.close());
    const headers = { "content-type": "application/octet-stream" };
    expect(json(await ask(served, { path: at("/predict"), body: new Uint8Array(Float32Array.of(4).buffer), headers }))).toEqual({ y: 8 });
  });

  it("says so where a parser has eaten the body", async () => {
    const site = await makeSite();
    const app = make();
    app.use((req, _res, next) => {
      req.resume().on("end", () => next());
    });
    app.use("/api", expressPredikt(site.options));
    const served = await listening(app, async () => {});
    clearing.push(() => served.close());
    expect(json(await ask(served, { path: at("/predict"), body: { x: 1 } }))).toMatchObject({ code: "BODY_INVALID" });
  });
});

describe("Express", () => {
  it("hands on what is no route of ours, where asked to", async () => {
    const site = await makeSite();
    const app = express();
    app.use(expressPredikt({ ...site.options, fallthrough: true }));
    app.use((req, res) => {
      res.status(418).send(`page ${req.path}`);
    });
    const served = await listening(app, async () => {});
    clearing.push(() => served.close());
    expect((await ask(served, { path: "/" })).body.toString()).toBe("page /");
    expect(json(await ask(served, { path: "/predict", body: { x: 1 } }))).toEqual({ y: 2 });
    expect((await ask(served, { path: "/predict" })).status).toBe(405);
  });

  it("knows where it is mounted, in documents", async () => {
    const site = await makeSite();
    const app = express();
    app.use("/a/b", expressPredikt(site.options));
    const served = await listening(app, async () => {});
    clearing.push(() => served.close());
    expect(json(await ask(served, { path: "/a/b/openapi.json" }))).toMatchObject({ servers: [{ url: "/a/b" }] });
    expect((await ask(served, { path: "/a/b/docs/" })).body.toString()).toContain('href="/a/b/openapi.json"');
  });
});

describe("Fastify", () => {
  it("touches no other route, and the app's hooks and routes keep working", async () => {
    const site = await makeSite();
    const app = Fastify();
    const hooked: string[] = [];
    app.addHook("onRequest", async (request) => {
      hooked.push(request.url);
    });
    app.post("/own", async (request) => ({ parsed: request.body }));
    app.get("/api/models/own", async () => ({ mine: true }));
    await app.register(predikt, { ...site.options, prefix: "/api" });
    const served = await fastify(app);
    expect(json(await ask(served, { path: "/own", body: { a: 1 } }))).toEqual({ parsed: { a: 1 } });
    expect(json(await ask(served, { path: "/api/models/own" }))).toEqual({ mine: true });
    expect(json(await ask(served, { path: "/api/predict", body: { x: 1 } }))).toEqual({ y: 2 });
    expect(json(await ask(served, { path: "/nowhere" }))).toMatchObject({ statusCode: 404 });
    expect(json(await ask(served, { path: "/own", body: "x", headers: { "content-type": "json" } }))).toMatchObject({
      statusCode: 415,
      code: "FST_ERR_CTP_INVALID_MEDIA_TYPE",
    });
    expect(hooked).toHaveLength(5);
  });

  it("leaves other errors to the app's own handler", async () => {
    const site = await makeSite();
    const app = Fastify();
    app.setErrorHandler((error, _request, reply) => reply.code(401).send({ own: (error as Error).message }));
    app.addHook("preHandler", async (request) => {
      if (request.headers["x-token"] === undefined) throw new Error("no token");
    });
    await app.register(predikt, { ...site.options, prefix: "/api" });
    const served = await fastify(app);
    const refused = await ask(served, { path: "/api/predict", body: { x: 1 } });
    expect([refused.status, json(refused)]).toEqual([401, { own: "no token" }]);
    expect((await ask(served, { path: "/api/predict", body: { x: 1 }, headers: { "x-token": "t" } })).status).toBe(200);
  });

  it("reads what a preParsing hook makes of the body", async () => {
    const site = await makeSite();
    const app = Fastify();
    app.addHook("preParsing", async (request, _reply, payload) => {
      if (request.headers["content-encoding"] !== "gzip") return payload;
      delete request.headers["content-encoding"];
      return payload.pipe(createGunzip());
    });
    await app.register(predikt, { ...site.options, prefix: "/api" });
    const served = await fastify(app);
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    expect(json(await ask(served, { path: "/api/predict", body: gzipSync('{"x":1}'), headers }))).toEqual({ y: 2 });
  });

  it("can be registered twice, each with its own models", async () => {
    const site = await makeSite();
    const app = Fastify();
    await app.register(predikt, { models: site.models.slice(0, 1), prefix: "/one" });
    await app.register(predikt, { models: site.models.slice(2, 3), prefix: "/two/deep/" });
    const served = await fastify(app);
    expect(json(await ask(served, { path: "/one/predict", body: { x: 1 } }))).toEqual({ y: 2 });
    expect(json(await ask(served, { path: "/two/deep/predict", body: { pixels: [1, 1, 1, 1] } }))).toMatchObject({ sum: 8 });
  });

  it("answers what comes while it closes with Fastify's own 503, and what is under way in full", async () => {
    const site = await makeSite();
    const app = Fastify();
    await app.register(predikt, { ...site.options, prefix: "/api" });
    const served = await fastify(app);
    const kept = oneSocket();
    clearing.push(() => kept.destroy());
    await send(served.origin, { path: "/api/health/live" }, kept);
    const before = site.slow.runs.length;
    site.slow.hold(true);
    const first = ask(served, { path: "/api/predict/slow", body: { x: 1 } });
    await until(() => site.slow.runs.length > before);
    const closing = app.close();
    const refused = await send(served.origin, { path: "/api/predict", body: { x: 1 } }, kept);
    expect([refused.status, json(refused)]).toEqual([
      503,
      { error: "Service Unavailable", message: "Service Unavailable", statusCode: 503 },
    ]);
    site.slow.release();
    expect(json(await first)).toEqual({ y: 2 });
    await closing;
  });

  it("refuses wrong options when the app becomes ready", async () => {
    const site = await makeSite();
    const app = Fastify();
    app.register(predikt, { models: site.models, default: "nobody" });
    await expect(app.ready()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });

  it("is typed", async () => {
    const site = await makeSite();
    const app = Fastify();
    // @ts-expect-error models are required
    const wrong = (): unknown => app.register(predikt, { prefix: "/api" });
    expect(wrong).toBeTypeOf("function");
    await app.register(predikt, { models: site.models, default: "double", prefix: "/api", serverTiming: true, handleSignals: false });
    await app.close();
  });
});

describe("HTTP/2", () => {
  it.each(["node:http2", "Fastify"])("%s", async (which) => {
    const site = await makeSite({ limits: {} });
    let port: number;
    if (which === "Fastify") {
      const app = Fastify({ http2: true });
      await app.register(predikt as never, { ...site.options, prefix: "/api" } as never);
      await app.listen({ host: "127.0.0.1", port: 0 });
      clearing.push(() => app.close());
      port = (app.server.address() as AddressInfo).port;
    } else {
      const server = http2.createServer(createRequestListener({ ...site.options, prefix: "/api" }) as never);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      clearing.push(() => new Promise((resolve) => server.close(resolve)));
      port = (server.address() as AddressInfo).port;
    }
    const client = http2.connect(`http://127.0.0.1:${port}`);
    clearing.push(() => client.close());
    const post = (path: string, body: string | Buffer): http2.ClientHttp2Stream => {
      const type = typeof body === "string" ? "application/json" : "application/octet-stream";
      const stream = client.request({ ":method": "POST", ":path": path, "content-type": type });
      stream.on("error", () => {});
      stream.end(body);
      return stream;
    };
    const read = async (stream: http2.ClientHttp2Stream): Promise<string> => {
      let text = "";
      for await (const chunk of stream) text += chunk;
      return text;
    };
    expect(await read(post("/api/predict", '{"x":2}'))).toBe('{"y":4}');
    expect(await read(post("/api/predict", '{"x":'))).toContain("BODY_INVALID");
    expect(await read(post("/api/predict", Buffer.from(Float32Array.of(3).buffer)))).toBe('{"y":6}');
    const warnings: Error[] = [];
    const warn = (warning: Error): unknown => warnings.push(warning);
    process.on("warning", warn);
    clearing.push(() => process.off("warning", warn));
    expect(JSON.parse(await read(post("/api/predict/double/batch", JSON.stringify(Array(40).fill({ x: 1 })))))).toHaveLength(40);
    const before = site.slow.runs.length;
    site.slow.hold(true);
    const gone = post("/api/predict/slow", '{"x":1}');
    await until(() => site.slow.runs.length > before, "the run");
    gone.close(http2.constants.NGHTTP2_CANCEL);
    const slow = site.models.find((model) => model.info.name === "slow");
    await until(() => slow?.stats().aborted === 1, "the abort");
    expect(site.replies.at(-1)).toMatchObject({ status: 499 });
    expect(warnings).toEqual([]);
  });
});

describe("node:http", () => {
  it("needs no more than the server's own close to finish what is under way", async () => {
    const site = await makeSite();
    const server = createServer(createRequestListener({ ...site.options, prefix: "/api" }));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const served = { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: async () => {} };
    const before = site.slow.runs.length;
    site.slow.hold(true);
    const first = ask(served, { path: "/api/predict/slow", body: { x: 1 } });
    await until(() => site.slow.runs.length > before);
    const closed = new Promise((resolve) => server.close(resolve));
    site.slow.release();
    expect(json(await first)).toEqual({ y: 2 });
    await closed;
  });

  it("loses one connection, and nothing else, where a reply cannot be sent", async () => {
    const site = await makeSite();
    const listener = createRequestListener({ ...site.options, prefix: "/api" });
    const served = await listening(
      (req, res) => {
        if (req.headers["x-break"] !== undefined) {
          res.writeHead = () => {
            throw new Error("no");
          };
        }
        listener(req, res);
      },
      () => listener.close(),
    );
    clearing.push(() => served.close());
    const broken = ask(served, { path: "/api/predict", body: { x: 1 }, headers: { "x-break": "1" } });
    await expect(broken).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(json(await ask(served, { path: "/api/predict", body: { x: 1 } }))).toEqual({ y: 2 });
  });

  it.each([0, Number.NaN, Infinity, "1"])("refuses %j for drainTimeoutMs", async (drainTimeoutMs) => {
    expect(() => createRequestListener({ models: [], drainTimeoutMs: drainTimeoutMs as number })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path: "drainTimeoutMs" }) }),
    );
  });

  it("serves at the root without a prefix", async () => {
    const site = await makeSite();
    const listener = createRequestListener(site.options);
    const served = await listening(listener, () => listener.close());
    clearing.push(() => served.close());
    expect(json(await ask(served, { path: "/predict", body: { x: 1 } }))).toEqual({ y: 2 });
    expect(json(await ask(served, { path: "/openapi.json" }))).toMatchObject({ servers: [{ url: "/" }] });
  });
});

describe.each(["node:http", "Express 5", "Fastify 5"])("a large binary tensor through %s", (name) => {
  it("is copied once, out of the pieces of its body, into memory of its own, which a worker may take over", async () => {
    const backend = fakeBackend();
    const predictor = (await createPredictor({ name: "m", source: "m", backend })) as AnyPredictor;
    const served = await (adapters[name] as Serve)({ models: [predictor] });
    clearing.push(() => served.close());
    const data = Float32Array.from({ length: 300_000 }, (_, i) => i);
    const input = { name: "x", datatype: "FP32", shape: [data.length, 1], parameters: { binary_data_size: data.byteLength } };
    // Behind a header of any length: where the bytes could be used in place, and where not.
    for (const id of ["a", "ab", "abc", "abcd"]) {
      const got = await ask(served, { path: "/api/v2/models/m/infer", ...message({ id, inputs: [input] }, Buffer.from(data.buffer)) });
      expect(got.status).toBe(200);
      const fed = backend.runs.at(-1)?.feeds["x"]?.data as Float32Array;
      expect(fed.length).toBe(data.length);
      expect(fed.buffer.byteLength).toBe(data.byteLength);
      expect(fed.at(-1)).toBe(299_999);
    }
  });
});
