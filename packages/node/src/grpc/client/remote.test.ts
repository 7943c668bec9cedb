import * as grpc from "@grpc/grpc-js";
import { createPredictor, type Predictor } from "@predikt/core";
import type { AnyPredictor } from "@predikt/core/serving";
import { type FakeBackend, fakeBackend } from "@predikt/core/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startSite } from "../../../test/grpc-site.ts";
import type { GrpcServerOptions } from "../create-server.ts";
import { GRPCInferenceService } from "../generated/inference_pb.ts";
import { fromMessage, toMessage } from "../messages.ts";
import { type GrpcRemoteOptions, remote } from "./remote.ts";

const clearing: (() => unknown)[] = [];
afterEach(async () => {
  for (const clear of clearing.splice(0).reverse()) await clear();
});

interface Far {
  readonly url: string;
  readonly backend: FakeBackend;
  readonly close: () => Promise<void>;
}

async function far(options: Partial<GrpcServerOptions> = {}, wanted?: number): Promise<Far> {
  const backend = fakeBackend({ concurrency: 4 });
  const predictor = (await createPredictor({ name: "m", version: "3", source: "m", backend, batching: false })) as AnyPredictor;
  const { port, close } = await startSite({ models: [predictor], ...options }, wanted);
  clearing.push(close, () => {
    backend.hold(false);
    backend.release();
  });
  return { url: `127.0.0.1:${port}`, backend, close };
}

async function near(url: string | string[], options: GrpcRemoteOptions = {}): Promise<Predictor> {
  const predictor = await createPredictor({ source: "m", batching: false, backend: remote(url, options) });
  clearing.push(() => predictor.close());
  return predictor;
}

const x = { x: [[2]] };
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "it resolved",
    (error) => error.code ?? error,
  );

/** A server of other make: it answers ModelInfer as told. */
async function foreign(
  answer: (callback: grpc.sendUnaryData<Buffer>) => void,
): Promise<{ url: string; calls: () => number; asked: () => Buffer[] }> {
  const requests: Buffer[] = [];
  const server = new grpc.Server();
  const same = (bytes: Buffer): Buffer => bytes;
  const { modelMetadata } = GRPCInferenceService.method;
  const own = {
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  } as const;
  const spec = (name: string) => ({ name, datatype: "FP32", shape: [-1n, 1n] });
  server.addService(
    {
      modelMetadata: { path: "/inference.GRPCInferenceService/ModelMetadata", ...own },
      modelInfer: { path: "/inference.GRPCInferenceService/ModelInfer", ...own },
    },
    {
      modelMetadata: (_call: unknown, callback: grpc.sendUnaryData<Buffer>) =>
        callback(
          null,
          toMessage(modelMetadata.output, { name: "m", versions: ["1"], platform: "p", inputs: [spec("x")], outputs: [spec("y")] }),
        ),
      modelInfer: ({ request }: { request: Buffer }, callback: grpc.sendUnaryData<Buffer>) => {
        requests.push(request);
        answer(callback);
      },
    } as never,
  );
  const port = await new Promise<number>((resolve) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (_error, bound) => resolve(bound)),
  );
  clearing.push(() => server.forceShutdown());
  return { url: `127.0.0.1:${port}`, calls: () => requests.length, asked: () => requests };
}

describe("a model behind gRPC", () => {
  it("tells its signature and what the server tells of itself", async () => {
    const { url } = await far({ title: "far away" });
    const predictor = await near(`grpc://${url}`);
    expect(predictor.info.signature).toEqual({
      inputs: [{ name: "x", dtype: "float32", shape: ["", 1] }],
      outputs: [{ name: "y", dtype: "float32", shape: ["", 1] }],
    });
    expect(predictor.info).toMatchObject({
      device: "remote",
      metadata: { name: "m", version: "3", platform: "onnx_onnxv1", server: "far away" },
    });
    expect(predictor.info.details).toMatchObject({ protocol: "oip-grpc", endpoints: [{ endpoint: `grpc://${url}`, inUse: true }] });
    expect((await predictor.run(x))["y"]?.data).toEqual(new Float32Array([4]));
  });

  it("gets the call's id, priority, metadata and the time left", async () => {
    const seen: (string | undefined)[] = [];
    const { url, backend } = await far({
      access: ({ operation, header }) => {
        if (operation === "predict") seen.push(header("x-request-id"), header("authorization"));
        return undefined;
      },
    });
    const predictor = await near(url, { headers: async () => ({ authorization: "Bearer t" }) });
    seen.length = 0;
    await predictor.run(x, { requestId: "mine", priority: "high", timeoutMs: 5000 });
    expect(seen).toEqual(["mine", "Bearer t"]);
    expect(backend.runs.at(-1)?.options?.priority).toBe("high");
    backend.hold(true);
    expect(await codeOf(predictor.run(x, { timeoutMs: 60 }))).toBe("DEADLINE_EXCEEDED");
  });

  it("an abort cancels the call there", async () => {
    const { url, backend } = await far();
    const predictor = await near(url);
    backend.hold(true);
    const before = backend.runs.length;
    const controller = new AbortController();
    const running = codeOf(predictor.run(x, { signal: controller.signal }));
    await vi.waitFor(() => expect(backend.runs.length).toBe(before + 1));
    controller.abort("not now");
    expect(await running).toBe("not now");
    await vi.waitFor(() => expect(predictor.info.details["endpoints"]).toMatchObject([{ outstanding: 0 }]));
  });

  it("errors are the server's own, with code and issues", async () => {
    const { url, backend } = await far();
    const unknown = createPredictor({ source: "nothing", backend: remote(url) });
    await expect(unknown).rejects.toMatchObject({ code: "MODEL_NOT_FOUND", details: { endpoint: `grpc://${url}` } });
    expect(await codeOf(createPredictor({ source: "m", backend: remote(url, { version: "9" }) }))).toBe("MODEL_NOT_FOUND");
    const predictor = await near(url, { retries: 0 });
    backend.release();
    await expect(predictor.run({ x: [[1, 2]] })).rejects.toMatchObject({ code: "INPUT_SHAPE" });
  });

  it("another endpoint is asked where one is gone", async () => {
    const [one, other] = [await far(), await far()];
    const predictor = await near([one.url, other.url], { probes: false });
    await one.close();
    for (let i = 0; i < 4; i++) expect((await predictor.run(x))["y"]?.data).toEqual(new Float32Array([4]));
  });

  it("one that was gone is asked again as soon as it is back, not when gRPC's library would look for it", async () => {
    const { url, close } = await far();
    const predictor = await near(url, { probes: false, retries: 0, circuit: { failures: 100 } });
    await close();
    expect(await codeOf(predictor.run(x))).toBe("REMOTE_UNREACHABLE");
    await far({}, Number(url.split(":")[1]));
    await vi.waitFor(() => predictor.run(x), { timeout: 600, interval: 20 });
  });

  it("headers that no metadata can carry are refused", async () => {
    const { url } = await far();
    for (const headers of [{ "a b": "c" }, { a: "ü" }, { "a-bin": "text" }])
      expect(await codeOf(createPredictor({ source: "m", backend: remote(url, { headers }) }))).toBe("CONFIG_INVALID");
  });

  it("nobody there is REMOTE_UNREACHABLE", async () => {
    const unreachable = createPredictor({ source: "m", backend: remote("127.0.0.1:1", { retries: 0 }) });
    await expect(unreachable).rejects.toMatchObject({ code: "REMOTE_UNREACHABLE", message: expect.stringContaining("grpc://127.0.0.1:1") });
  });

  it("a reply past its limit is refused", async () => {
    const { url } = await far();
    const predictor = await near(url, { maxReplyBytes: 400, retries: 0 });
    expect(await codeOf(predictor.run({ x: Array.from({ length: 200 }, () => [1]) }))).toBe("REMOTE_PROTOCOL");
  });
});

describe("servers of other makes", () => {
  const replies: Readonly<Record<string, readonly [status: number, details: string, code: string, calls: number]>> = {
    "refuse the input": [grpc.status.INVALID_ARGUMENT, "unexpected shape", "INPUT_VALUE", 1],
    "fail in their runtime": [grpc.status.INTERNAL, "onnx runtime error", "BACKEND_RUN", 1],
    "fail in Python": [grpc.status.UNKNOWN, "Unexpected <class 'ValueError'>", "BACKEND_RUN", 1],
    "have a full queue": [grpc.status.UNAVAILABLE, "Exceeds maximum queue size", "QUEUE_FULL", 2],
    "have no time left": [grpc.status.UNAVAILABLE, "Request timeout expired", "DEADLINE_EXCEEDED", 1],
    "are not ready": [grpc.status.UNAVAILABLE, "model is not ready", "NOT_READY", 2],
    "limit rates": [grpc.status.RESOURCE_EXHAUSTED, "slow down", "RATE_LIMITED", 2],
    "limit messages": [grpc.status.RESOURCE_EXHAUSTED, "Received message larger than max (9 vs. 4)", "INPUT_TOO_LARGE", 1],
    "want credentials": [grpc.status.UNAUTHENTICATED, "token?", "UNAUTHENTICATED", 1],
    "want others": [grpc.status.PERMISSION_DENIED, "no", "FORBIDDEN", 1],
    "do not have the method": [grpc.status.UNIMPLEMENTED, "", "REMOTE_STATUS", 1],
    cancel: [grpc.status.CANCELLED, "", "REMOTE_STATUS", 1],
  };

  it.each(Object.entries(replies))("%s", async (_name, [code, details, expected, calls]) => {
    const server = await foreign((callback) => callback({ code, details }));
    const predictor = await near(server.url, { retries: 1, retryDelayMs: 0 });
    const before = server.calls();
    const error = await predictor.run(x).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: expected, details: expect.objectContaining({ endpoint: `grpc://${server.url}` }) });
    expect(server.calls() - before).toBe(calls);
  });

  const { output, input } = GRPCInferenceService.method.modelInfer;
  const y = { name: "y", datatype: "FP32", shape: [1n, 1n] };

  it("may answer typed", async () => {
    const reply = toMessage(output, { modelName: "m", outputs: [{ ...y, contents: { fp32Contents: [7] } }] });
    const server = await foreign((callback) => callback(null, reply));
    const predictor = await near(server.url);
    expect((await predictor.run(x))["y"]?.data).toEqual(new Float32Array([7]));
    const request = fromMessage(input, server.asked().at(-1) as Buffer);
    expect(request.inputs).toMatchObject([{ name: "x", datatype: "FP32", shape: [1n, 1n] }]);
    expect(request.inputs[0]?.contents).toBeUndefined();
    expect(request.rawInputContents).toHaveLength(1);
  });

  it.each([
    ["no outputs", toMessage(output, {})],
    ["other outputs", toMessage(output, { outputs: [{ ...y, name: "z" }], rawOutputContents: [new Uint8Array(4)] })],
    ["too few bytes", toMessage(output, { outputs: [y], rawOutputContents: [new Uint8Array(3)] })],
    ["no message", Buffer.of(0x0a, 0x7f)],
  ])("that answer with %s are not understood", async (_name, reply) => {
    const server = await foreign((callback) => callback(null, reply));
    expect(await codeOf((await near(server.url)).run(x))).toBe("REMOTE_PROTOCOL");
  });
});

describe("options", () => {
  it.each([
    ["", "url"],
    ["ftp://host", "url"],
    ["grpc://user:secret@host:1", "url"],
    ["host:1/path", "url"],
    [[], "url"],
    [["host:1", "grpc://host:1"], "url"],
  ])("the URL %j is refused", (url, path) => {
    expect(() => remote(url as string)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(`"${path}"`) }),
    );
    expect(() => remote(url as string)).toThrow(expect.not.objectContaining({ message: expect.stringContaining("secret") }));
  });

  it.each([
    [{ protocol: "oip" }, "protocol"],
    [{ headers: "x" }, "headers"],
    [{ maxReplyBytes: 0 }, "maxReplyBytes"],
    [{ retries: -1 }, "retries"],
    [{ binary: true }, "binary"],
  ])("%j is refused", (options, path) => {
    expect(() => remote("host:1", options as never)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path }) }),
    );
  });
});
