import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { createPredictor, defineModel, numbers, type Predictor, tensor } from "@predikt/core";
import { httpPredictor } from "@predikt/core/client";
import { remote } from "@predikt/core/remote";
import { type AnyPredictor, type ReplyEvent, toFetchHandler } from "@predikt/core/serving";
import { fakeBackend } from "@predikt/core/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createRequestListener } from "../adapters/http.ts";
import { createTracing, type PredictionTracing } from "./index.ts";

const exporter = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const tracer = tracerProvider.getTracer("test");
let tracing: PredictionTracing;

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  tracing = await createTracing({ tracerProvider });
});
afterAll(() => {
  context.disable();
  propagation.disable();
});
const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  exporter.reset();
});

const double = defineModel({
  name: "double",
  input: numbers({ length: 1 }),
  output: numbers({ length: 1 }),
  encode: (x) => ({ x: tensor("float32", x, [1, 1]) }),
  decode: ({ y }) => y?.data as Float32Array,
  example: [3],
});
type Double = Predictor<readonly number[], Float32Array>;

async function predictorOf(options: object = {}): Promise<Double> {
  const predictor = (await createPredictor(double, {
    source: "m",
    backend: fakeBackend({ compute: slowly }),
    ...options,
  })) as unknown as Double;
  open.push(predictor);
  return predictor;
}

/** A run that takes more than a clock's tick. */
async function slowly({ x }: Readonly<Record<string, unknown>>): Promise<never> {
  await new Promise((resolve) => setImmediate(resolve));
  return { y: x } as never;
}

const post = (path: string, body: string): Request =>
  new Request(`http://h.test${path}`, { method: "POST", body, headers: { "content-type": "application/json" } });

interface Node {
  readonly name: string;
  readonly span: ReadableSpan;
  readonly children: readonly Node[];
}

/** The finished spans as trees. */
function trees(): Node[] {
  const spans = exporter.getFinishedSpans();
  const under = (parent: string | undefined): Node[] =>
    spans
      .filter((span) => span.parentSpanContext?.spanId === parent)
      .map((span) => ({ name: span.name, span, children: under(span.spanContext().spanId) }));
  return under(undefined);
}

function outline(nodes: readonly Node[]): unknown[] {
  return nodes.map(({ name, children }) => (children.length === 0 ? name : [name, ...outline(children)]));
}

const stages = ["encode", "queue", "run", "decode"];
const nanos = ([seconds, rest]: readonly [number, number]): bigint => BigInt(seconds) * 1_000_000_000n + BigInt(rest);

describe("createTracing", () => {
  it("follows a call over a socket: one trace, the server's spans below the client's", async () => {
    const predictor = await predictorOf();
    const listener = createRequestListener({ models: [predictor as AnyPredictor], tracing, prefix: "/api" });
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
    const client = tracing.predictor(httpPredictor(double, url, { headers: tracing.headers }));
    await tracer.startActiveSpan("the application", async (span: Span) => {
      expect(await client.predict([4])).toEqual(Float32Array.of(4));
      span.end();
    });
    await client.close();
    await listener.close();
    await new Promise((resolve) => server.close(resolve));

    const [root, ...others] = trees() as [Node, ...Node[]];
    expect(others).toEqual([]);
    const remote = root.children[0] as Node;
    expect([root.name, root.children.map(({ name }) => name)]).toEqual(["the application", ["predict double"]]);
    expect(remote.children.map(({ name }) => name).sort()).toEqual(["decode", "encode", "predict double", "queue", "run"]);
    const local = remote.children.find(({ name }) => name === "predict double") as Node;
    expect(local.children.map(({ name }) => name)).toEqual(stages);
    expect([remote.span.kind, local.span.kind]).toEqual([SpanKind.CLIENT, SpanKind.SERVER]);
    expect(new Set(exporter.getFinishedSpans().map((span) => span.spanContext().traceId)).size).toBe(1);
    expect(local.span.attributes).toMatchObject({
      "http.request.method": "POST",
      "http.response.status_code": 200,
      "ml.model.name": "double",
      "ml.model.version": "1",
      "ml.device": "cpu",
      "ml.batch.size": 1,
      "predikt.items": 1,
      "predikt.request.id": expect.stringMatching(/./),
    });
    // Stages follow one another within their parent.
    let before = nanos(local.span.startTime);
    for (const { span } of local.children) {
      expect(nanos(span.startTime)).toBeGreaterThanOrEqual(before);
      before = nanos(span.endTime);
    }
    expect(nanos(local.span.endTime)).toBeGreaterThanOrEqual(before);
  });

  it("has what waits for a remote backend travel as its own call's, whether a predictor or a handler is traced", async () => {
    const far = createRequestListener({ models: [(await predictorOf()) as AnyPredictor], tracing });
    const server = createServer(far);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const backend = remote(url, { protocol: "oip", headers: tracing.headers, concurrency: 1 });
    const near = await createPredictor(double, { backend, batching: false });
    // Without the warm-up.
    exporter.reset();
    const traced = tracing.predictor(near);
    await Promise.all(
      ["a", "b", "c"].map((name) =>
        tracer.startActiveSpan(name, async (span: Span) => {
          await traced.predict([1]);
          span.end();
        }),
      ),
    );
    const gateway = toFetchHandler({ models: [near as unknown as AnyPredictor], tracing });
    await Promise.all([gateway(post("/predict", "[1]")), gateway(post("/predict", "[2]"))]);
    await near.close();
    await far.close();
    await new Promise((resolve) => server.close(resolve));
    // In each trace the near call's span has the far one below it.
    const remotes = (nodes: readonly Node[]): number =>
      nodes.reduce(
        (sum, { span, children }) => sum + remotes(children) + (span.kind === SpanKind.SERVER && span.parentSpanContext ? 1 : 0),
        0,
      );
    expect(trees().map((tree) => [tree.name, remotes([tree])])).toEqual([
      ["a", 1],
      ["b", 1],
      ["c", 1],
      ["predict double", 1],
      ["predict double", 1],
    ]);
  });

  it("begins a trace of its own where nobody else has, and joins that of the framework where it has", async () => {
    const handler = toFetchHandler({ models: [(await predictorOf()) as AnyPredictor], tracing });
    await handler(post("/predict", "[1]"));
    await tracer.startActiveSpan("POST", async (span: Span) => {
      await handler(post("/predict/double/batch", "[[1], [2], [3]]"));
      span.end();
    });
    await handler(new Request("http://h.test/health/ready"));
    const [own, framework, ...others] = trees() as [Node, Node];
    expect(others).toEqual([]);
    expect(outline([own, framework])).toEqual([
      ["predict double", ...stages],
      ["POST", ["predict double", ...stages]],
    ]);
    expect(framework.children[0]?.span).toMatchObject({ kind: SpanKind.INTERNAL, attributes: { "predikt.items": 3 } });
    await handler.close();
  });

  it("marks what failed, and calls no span by a name that a client made up", async () => {
    const predictor = await predictorOf({ backend: fakeBackend({ compute: broken }), warmup: false, batching: false });
    const handler = toFetchHandler({ models: [predictor as AnyPredictor], tracing });
    await handler(post("/predict", "[1]"));
    await handler(post("/predict", '["one"]'));
    await handler(post("/predict/made-up", "[1]"));
    const spans = exporter.getFinishedSpans().filter(({ kind }) => kind === SpanKind.SERVER);
    expect(spans.map(({ name, status, attributes }) => [name, status.code, attributes["error.type"]])).toEqual([
      ["predict double", SpanStatusCode.ERROR, "BACKEND_RUN"],
      ["predict double", SpanStatusCode.UNSET, "INPUT_DTYPE"],
      ["predict", SpanStatusCode.UNSET, "MODEL_NOT_FOUND"],
    ]);
    await handler.close();
  });

  it("gives each call of a predictor its own span, whatever else runs with it, and leaves the predictor as it is", async () => {
    const predictor = await predictorOf({ batching: { maxBatchSize: 8 } });
    const traced = tracing.predictor(predictor);
    const ids = await Promise.all(
      ["a", "b"].map((name) =>
        tracer.startActiveSpan(name, async (span: Span) => {
          const { id } = await traced.predictDetailed([1], { requestId: "same" });
          span.end();
          return id;
        }),
      ),
    );
    expect(ids).toEqual(["same", "same"]);
    expect(outline(trees())).toEqual([
      ["a", ["predict double", ...stages]],
      ["b", ["predict double", ...stages]],
    ]);
    expect(exporter.getFinishedSpans().find(({ name }) => name === "predict double")?.attributes["ml.batch.size"]).toBe(2);
    expect(traced.info.name).toBe("double");
    expect(traced.stats().requests).toBe(2);
  });

  it("keeps the caller's signal what it was", async () => {
    const backend = fakeBackend();
    const predictor = await predictorOf({ backend });
    const traced = tracing.predictor(predictor);
    const heard: unknown[] = [];
    const off = traced.on("job-settled", ({ signal, outcome }) => heard.push([signal, outcome]));
    backend.hold(true);
    const controller = new AbortController();
    const { signal } = controller;
    const calls = Array.from({ length: 20 }, () => traced.predict([1], { signal }).catch((error: unknown) => error));
    const reason = new Error("enough");
    controller.abort(reason);
    expect(new Set(await Promise.all(calls))).toEqual(new Set([reason]));
    off();
    expect(heard).toEqual(new Array(20).fill([signal, "aborted"]));
    const spans = exporter.getFinishedSpans().filter(({ name }) => name === "predict double");
    expect(spans.map(({ status, attributes }) => [status.code, attributes["error.type"]])).toEqual(
      new Array(20).fill([SpanStatusCode.UNSET, "aborted"]),
    );
    backend.hold(false);
    backend.release();
  });

  it("a traced predictor may be served, and its requests are still known", async () => {
    const replies: ReplyEvent[] = [];
    const models = [tracing.predictor(await predictorOf()) as AnyPredictor];
    const handler = toFetchHandler({ models, onReply: (event) => replies.push(event) });
    await handler(post("/predict", "[1]"));
    expect(replies).toMatchObject([{ status: 200, version: "1", jobs: { model: "double", count: 1 } }]);
    await handler.close();
  });

  it("costs nothing but a call where the application has registered nothing", async () => {
    const bare = await createTracing();
    expect(trace.getActiveSpan()).toBeUndefined();
    expect(bare.headers()).toEqual({});
    expect(await bare.predictor(await predictorOf()).predict([2])).toEqual(Float32Array.of(2));
  });
});

function broken(): never {
  throw new Error("a fault");
}
