import { propagation, SpanKind } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { createPredictor } from "@predikt/core";
import { type AccessRequest, allOf, limitRate, type ReplyEvent, requireScopes } from "@predikt/core/serving";
import { afterAll, afterEach, expect, it } from "vitest";
import { echo, rawFloats, type Site, startSite } from "../../test/grpc-site.ts";
import { createMetrics } from "../metrics/index.ts";
import { createTracing } from "../otel/index.ts";
import { remote } from "./client/remote.ts";
import type { GrpcServerOptions } from "./create-server.ts";

const clearing: (() => unknown)[] = [];
afterEach(async () => {
  for (const clear of clearing.splice(0).reverse()) await clear();
});
afterAll(() => propagation.disable());

async function start(options: Partial<GrpcServerOptions> = {}): Promise<Site> {
  const site = await startSite({ ...options, models: [await echo("float32")] });
  clearing.push(() => site.close());
  return site;
}

const good = {
  model_name: "float32",
  inputs: [{ name: "x", datatype: "FP32", shape: ["1"] }],
  raw_input_contents: [rawFloats(424242)],
};
const wrong = { ...good, inputs: [{ name: "x", datatype: "FP32", shape: ["2"] }] };

it("a call is logged, told and measured as a request is, with what became of it in the model", async () => {
  const lines: [string, object, string][] = [];
  const at = (level: string) => (fields: object, message: string) => void lines.push([level, fields, message]);
  const replies: ReplyEvent[] = [];
  const metrics = await createMetrics({ process: false });
  const { client } = await start({
    logger: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
    onReply: (event) => replies.push(event),
    metrics,
  });
  await client.call("ModelInfer", good, {}, { "x-request-id": "mine", authorization: "Bearer t0ken" });
  await client.call("ModelInfer", wrong);
  await client.check("");
  const number = expect.any(Number);
  expect(lines).toMatchObject([
    ["info", { requestId: "mine", model: "float32", version: "1", durationMs: number, runMs: number, batchSize: 1 }, "POST grpc-infer 200"],
    ["warn", { status: 400, code: "INPUT_SHAPE" }, "POST grpc-infer 400"],
    ["debug", { status: 200 }, "POST grpc-health 200"],
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/424242|t0ken/);
  expect(replies[0]).toMatchObject({ version: "1", jobs: { count: 1, failed: 0, batchSize: 1 } });
  const text = await metrics.render();
  expect(text).toContain('predikt_requests_total{model="float32",version="1",outcome="succeeded"} 1\n');
  expect(text).toContain('predikt_http_requests_total{route="grpc-infer",status="400"} 1\n');
  metrics.close();
});

it("a call's span is below its client's, whose context came in the metadata", async () => {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const tracing = await createTracing({ tracerProvider });
  const { port } = await start({ tracing });
  const backend = remote(`127.0.0.1:${port}`, { model: "float32", headers: tracing.headers });
  const near = await createPredictor({ name: "near", backend, warmup: false, batching: false });
  clearing.push(() => near.close());
  exporter.reset();
  await tracing.predictor(near).predict({ x: [1] });
  const [server, client] = [SpanKind.SERVER, SpanKind.CLIENT].map((kind) => exporter.getFinishedSpans().find((span) => span.kind === kind));
  expect(client?.name).toBe("predict near");
  expect(server?.name).toBe("predict float32");
  expect(server?.parentSpanContext?.spanId).toBe(client?.spanContext().spanId);
  expect(server?.attributes).toMatchObject({ "rpc.system": "grpc", "ml.model.version": "1", "predikt.items": 1 });
  expect(server?.attributes).not.toHaveProperty("http.request.method");
});

it("limits know a caller without a name by the address", async () => {
  const asked: (string | undefined)[] = [];
  const limit = limitRate({ requests: { amount: 1, perMs: 60_000 } });
  const access = (request: AccessRequest) => {
    asked.push(request.address);
    return limit(request);
  };
  const { client } = await start({ access });
  expect((await client.call("ModelInfer", good)).error).toBeUndefined();
  expect((await client.call("ModelInfer", good)).error?.code).toBe(8);
  expect(asked).toEqual(["127.0.0.1", "127.0.0.1"]);
});

it("scopes are asked by model and operation", async () => {
  const named = (request: AccessRequest): undefined => {
    request.caller = { id: "ada", scopes: request.header("x-scopes")?.split(" ") };
  };
  const { client } = await start({ access: allOf([named, requireScopes()]), control: true });
  const codeBy = async (scopes: string, method: string, request: object): Promise<number | undefined> =>
    (await client.call(method, request, {}, { "x-scopes": scopes })).error?.code;
  for (const [method, request, own, other] of [
    ["ModelInfer", good, "predict:float32", "predict:uint8 metadata control metrics"],
    ["ModelMetadata", { name: "float32" }, "metadata:float32", "predict metadata:uint8"],
    ["ModelStatistics", { name: "float32" }, "metadata:float32", "predict metadata:uint8"],
    ["ServerMetadata", {}, "metadata", "metadata:float32 predict"],
    ["RepositoryIndex", {}, "control", "control:float32 predict metadata"],
  ] as const)
    expect([await codeBy(own, method, request), await codeBy(other, method, request)], method).toEqual([undefined, 7]);
  expect((await client.check("")).error).toBeUndefined();
});

it("an access hook that fails lets nobody in, and tells the client nothing of why", async () => {
  const access = (): Promise<never> => Promise.reject(new Error("connect postgres://user:password@database"));
  const { client } = await start({ access });
  const { error } = await client.call("ModelInfer", good);
  expect(error?.code).toBe(14);
  expect(JSON.stringify([error?.details, error?.metadata.getMap()])).not.toContain("password");
});
