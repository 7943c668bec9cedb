import { createPredictor, defineModel, numbers, type Predictor, tensor } from "@predikt/core";
import { type RemoteOptions, remote } from "@predikt/core/remote";
import { backendContract } from "@predikt/core/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { FakeTriton } from "./fakes/triton.ts";
import { codeOf, injected } from "./injected.ts";

const names = { linear: "linear", identity: "identity", gather: "gather" };
const url = "https://triton.test/serving";
/** Below a path, as behind a gateway. */
const under = (triton: FakeTriton): typeof globalThis.fetch =>
  injected((request) => triton.fetch(new Request(request.url.replace("/serving/", "/"), request)));

function backendOf(triton: FakeTriton, options: RemoteOptions = {}) {
  return remote(url, { protocol: "oip", fetch: under(triton), retries: 0, ...options });
}

function open(triton: FakeTriton, model: string, options?: RemoteOptions): Promise<Predictor> {
  return createPredictor({ backend: backendOf(triton, options), source: model, warmup: false });
}

describe("the backend contract, over Triton's binary tensors", () => {
  backendContract({ test: it, expect }, { backend: backendOf(new FakeTriton()), options: {}, models: names });
});

describe("a definition on Triton", () => {
  const linear = defineModel({
    name: "linear",
    input: z.object({ x: numbers({ length: 1 }) }),
    output: z.object({ y: z.number() }),
    encode: ({ x }) => ({ x: tensor("float32", x, [1, 1]) }),
    decode: ({ y }) => ({ y: Number(y?.data[0]) }),
    example: { x: [1] },
  });

  it("is served by the model of its name, warmed up and batched, with no source", async () => {
    const triton = new FakeTriton();
    const predictor = await createPredictor(linear, { backend: backendOf(triton), batching: true });
    const answers = await Promise.all([1, 2, 3].map((x) => predictor.predict({ x: [x] })));
    expect(answers).toEqual([{ y: 3 }, { y: 5 }, { y: 7 }]);
    expect(triton.seen.at(-1)?.json?.inputs[0]?.shape).toEqual([3, 1]);
    expect(predictor.info).toMatchObject({
      name: "linear",
      backend: "remote",
      device: "remote",
      execution: "remote",
      digest: undefined,
      signature: { inputs: [{ name: "x", dtype: "float32", shape: ["", 1] }] },
      metadata: { name: "linear", version: "3", platform: "onnxruntime_onnx", server: "triton", serverVersion: "2.62.0" },
      details: { protocol: "oip", model: "linear", endpoints: [{ endpoint: url, inUse: true, outstanding: 0 }] },
    });
    await predictor.close();
  });

  it("finds by another name, and another version, what is asked for", async () => {
    const triton = new FakeTriton();
    const predictor = await createPredictor(
      { ...linear, name: "other" },
      { backend: backendOf(triton, { model: "linear", version: "3" }) },
    );
    expect(await predictor.predict({ x: [1] })).toEqual({ y: 3 });
    expect(triton.seen.at(-1)?.path).toBe("/v2/models/linear/versions/3/infer");
    expect(await codeOf(open(triton, "linear", { version: "4" }))).toBe("MODEL_NOT_FOUND");
    expect(await codeOf(open(triton, "nothing"))).toBe("MODEL_NOT_FOUND");
    await predictor.close();
  });
});

describe("what goes over the wire", () => {
  it("is binary, asks for binary, and carries id, priority and the time left in Triton's parameters and our headers", async () => {
    const triton = new FakeTriton();
    const predictor = await open(triton, "linear");
    await predictor.run({ x: [[1]] }, { requestId: "r-1", priority: "high", timeoutMs: 5000 });
    const { headers, json, body } = triton.seen.at(-1) as FakeTriton["seen"][number];
    expect(headers.get("content-type")).toBe("application/octet-stream");
    const length = Number(headers.get("inference-header-content-length"));
    expect([length % 8, body.byteLength - length]).toEqual([0, 4]);
    expect(json).toMatchObject({
      id: "r-1",
      parameters: { binary_data_output: true, priority: 1, timeout: expect.any(Number) },
      inputs: [{ name: "x", datatype: "FP32", shape: [1, 1], parameters: { binary_data_size: 4 } }],
    });
    expect(json).not.toHaveProperty("outputs");
    const micros = json?.parameters?.["timeout"] as number;
    expect(micros > 4_000_000 && micros <= 5_000_000).toBe(true);
    const ms = Number(headers.get("x-predikt-timeout-ms"));
    expect(ms > 4000 && ms <= 5000).toBe(true);
    expect(headers.get("x-request-id")).toBe("r-1");
    await predictor.run({ x: [[1]] });
    expect(triton.seen.at(-1)?.json).toEqual({ parameters: { binary_data_output: true }, inputs: expect.anything() });
    expect(triton.seen.at(-1)?.headers.has("x-predikt-timeout-ms")).toBe(false);
    await predictor.close();
  });

  it.each([true, false])("loses no digit and no NaN, binary: %s", async (binary) => {
    const triton = new FakeTriton();
    triton.binary = binary;
    const predictor = await open(triton, "odd");
    const n = [2n ** 63n - 1n, -(2n ** 63n), 9007199254740993n];
    const outputs = await predictor.run({ x: tensor("float32", [NaN, Infinity, -Infinity, 0.5]), n });
    expect(outputs["f"]).toEqual(tensor("float32", [NaN, Infinity, -Infinity, 0.5]));
    expect(outputs["n"]).toEqual(tensor("int64", n));
    expect(triton.seen.at(-1)?.headers.has("inference-header-content-length")).toBe(binary);
    await predictor.close();
  });

  it("is JSON where binary is not wanted, whose refusals are Triton's", async () => {
    const triton = new FakeTriton();
    const predictor = await open(triton, "identity", { binary: false });
    const call = predictor.run({ int64: [1], bool: [true], string: ["a"], float16: [1] });
    await expect(call).rejects.toMatchObject({
      code: "INPUT_VALUE",
      message: expect.stringContaining("sending FP16 data via JSON is not supported"),
      details: { endpoint: url, status: 400, issues: [{ path: "input" }] },
    });
    await predictor.close();
  });

  it("is binary as soon as the server can tell that it takes it, however busy it was at first", async () => {
    const triton = new FakeTriton();
    let busy = true;
    const fetch = injected((request) =>
      busy && request.url.endsWith("/v2") ? Promise.resolve(new Response("", { status: 429 })) : triton.fetch(request),
    );
    const backend = remote("https://triton.test", { protocol: "oip", fetch });
    const predictor = await createPredictor({ backend, source: "linear", warmup: false });
    for (const binary of [false, true]) {
      await predictor.run({ x: [[1]] });
      expect(triton.seen.at(-1)?.headers.has("inference-header-content-length")).toBe(binary);
      busy = false;
    }
    await predictor.close();
  });

  it("a server that takes neither bytes nor the bare words is given null for NaN, and no infinity", async () => {
    const server = async (request: Request): Promise<Response> => {
      const { pathname } = new URL(request.url);
      // As MLServer: no extension, another platform, an id that nobody asked for.
      if (pathname === "/v2") return Response.json({ name: "mlserver", version: "1.7.1", extensions: [] });
      if (request.method === "GET") {
        const tensors = [{ name: "x", datatype: "FP32", shape: [-1], parameters: { content_type: "np" } }];
        return Response.json({ name: "m", versions: [], platform: "", inputs: tensors, outputs: tensors });
      }
      const { inputs } = (await request.json()) as { inputs: object[] };
      return Response.json({ model_name: "m", id: "6a5f", parameters: {}, outputs: inputs });
    };
    const backend = remote("https://mlserver.test", { protocol: "oip", fetch: injected(server) });
    const predictor = await createPredictor({ backend, source: "m" });
    expect((await predictor.run({ x: [NaN, 1] }))["x"]).toEqual(tensor("float32", [NaN, 1]));
    await expect(predictor.run({ x: [1, -Infinity] })).rejects.toMatchObject({ code: "INPUT_VALUE", issues: [{ path: "x[1]" }] });
    await predictor.close();
  });
});

describe("what Triton says instead of an answer", () => {
  const failure = (status: number, error: string, headers = {}): Response => new Response(JSON.stringify({ error }), { status, headers });

  it.each([
    [failure(400, "unexpected shape for input 'x'"), "INPUT_VALUE"],
    [failure(500, "onnx runtime error 2: not enough space"), "BACKEND_RUN"],
    [failure(503, "Exceeds maximum queue size"), "QUEUE_FULL"],
    [failure(503, "Request timeout expired"), "DEADLINE_EXCEEDED"],
    [failure(503, "Server not ready"), "NOT_READY"],
    [failure(403, "This API is restricted, expecting header 'x'"), "FORBIDDEN"],
    [failure(501, "HTTP end point doesn't support models with decoupled transaction policy"), "REMOTE_STATUS"],
    [failure(429, "slow down"), "RATE_LIMITED"],
    [failure(413, "too large"), "INPUT_TOO_LARGE"],
    [new Response("<h1>Bad Gateway</h1>", { status: 502 }), "REMOTE_STATUS"],
    [new Response("<h1>Internal Server Error</h1>", { status: 500 }), "REMOTE_STATUS"],
    [Response.json({ detail: [{ loc: ["body", "inputs"], msg: "Field required" }] }, { status: 422 }), "INPUT_VALUE"],
    [Response.json([{ error: "bad" }], { status: 400 }), "INPUT_VALUE"],
    [Response.json({ error: "bad", code: "E42" }, { status: 400 }), "INPUT_VALUE"],
    [new Response(null, { status: 302, headers: { location: "/login" } }), "REMOTE_STATUS"],
    [new Response("certainly not JSON"), "REMOTE_PROTOCOL"],
    [Response.json({ model_name: "linear" }), "REMOTE_PROTOCOL"],
    [Response.json({ outputs: [] }), "REMOTE_PROTOCOL"],
    [Response.json({ outputs: [{ name: "y", datatype: "FP32", shape: [2, 1], data: [1] }] }), "REMOTE_PROTOCOL"],
    [new Response("{}", { headers: { "inference-header-content-length": "99" } }), "REMOTE_PROTOCOL"],
  ])("%o is %s, and says by whom", async (reply, code) => {
    const triton = new FakeTriton();
    const { status } = reply;
    const predictor = await open(triton, "linear");
    triton.instead.push(reply);
    const error = await predictor.run({ x: [[1]] }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, ...(status === 200 ? {} : { details: { endpoint: url, status } }) });
    expect(await predictor.run({ x: [[1]] })).toHaveProperty("y");
    await predictor.close();
  });

  it("a full queue is asked again, in its own time", async () => {
    const triton = new FakeTriton();
    const predictor = await open(triton, "linear", { retries: 2, retryDelayMs: 1 });
    triton.instead.push(failure(503, "Exceeds maximum queue size"), failure(429, "slow down", { "retry-after": "0" }));
    expect((await predictor.run({ x: [[1]] }))["y"]?.data).toEqual(new Float32Array([3]));
    triton.instead.push(failure(429, "slow down", { "retry-after": "60" }));
    await expect(predictor.run({ x: [[1]] })).rejects.toMatchObject({ code: "RATE_LIMITED", details: { retryAfterMs: 60_000 } });
    await predictor.close();
  });

  it("a model that is not ready yet is NOT_READY", async () => {
    const triton = new FakeTriton();
    const predictor = await open(triton, "linear");
    triton.ready = false;
    expect(await codeOf(predictor.run({ x: [[1]] }))).toBe("NOT_READY");
    await predictor.close();
  });
});

describe("options", () => {
  const backend = backendOf(new FakeTriton());
  const configured = (details: object): object => ({ code: "CONFIG_INVALID", details });

  it.each([
    [
      () => remote("https://s.test", { protocol: "oip-grpc" as never }),
      { path: "protocol", expected: expect.stringContaining("@predikt/node/grpc") },
    ],
    [() => remote("https://s.test", { protocol: "grpc" as never }), { path: "protocol" }],
    [() => remote("https://s.test", { label: "stable", protocol: "oip" }), { path: "label" }],
    [() => remote("https://s.test", { label: "stable", version: "1", protocol: "tfserving" }), { path: "label" }],
    [() => remote("https://s.test", { retry: 1 } as never), { path: "retry" }],
    [() => remote("https://s.test", { concurrency: 0 }), { path: "concurrency" }],
    [() => remote("https://s.test", { circuit: { failures: 0 } }), { path: "circuit.failures" }],
    [() => remote("https://s.test", { probes: true as never }), { path: "probes" }],
    [() => remote([]), { path: "url" }],
    [() => remote(["https://s.test", "https://s.test/"]), { path: "url" }],
    [() => remote("https://s.test?x=1"), { path: "url" }],
  ])("%s", (make, details) => {
    expect(make).toThrow(expect.objectContaining(configured(expect.objectContaining(details))));
  });

  it.each([
    [{ source: "./digits.onnx" }, "source"],
    [{ source: new Uint8Array(4) }, "source"],
    [{ source: "linear", sha256: "00".repeat(32) }, "sha256"],
    [{ source: "linear", device: "cuda" }, "device"],
    [{}, "model"],
  ])("%o names the option %s", async (options, path) => {
    await expect(createPredictor({ backend, ...options } as never)).rejects.toMatchObject(configured({ path }));
  });

  it("credentials of the URL go into a header, and into no message", async () => {
    const triton = new FakeTriton();
    const options: RemoteOptions = { protocol: "oip", fetch: injected(triton.fetch), headers: async () => ({ "x-tenant": "t" }) };
    const predictor = await createPredictor({ backend: remote("https://user:p%40ss@triton.test", options), source: "linear" });
    expect(triton.seen.at(-1)?.headers.get("authorization")).toBe(`Basic ${btoa("user:p@ss")}`);
    expect(triton.seen.at(-1)?.headers.get("x-tenant")).toBe("t");
    expect(JSON.stringify(predictor.info.details)).not.toContain("user");
    triton.instead.push(new Response("{}", { status: 400 }));
    const error = (await predictor.run({ x: [[1]] }).catch((thrown: unknown) => thrown)) as Error;
    expect(JSON.stringify(error) + error.message).not.toMatch(/user|p@ss|p%40ss/);
    await predictor.close();
  });
});
