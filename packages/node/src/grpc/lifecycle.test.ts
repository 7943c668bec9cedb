import * as grpc from "@grpc/grpc-js";
import { createPredictor } from "@predikt/core";
import type { AnyPredictor, ReplyEvent } from "@predikt/core/serving";
import { type FakeBackend, fakeBackend } from "@predikt/core/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { grpcClient, type Message } from "../../test/grpc-client.ts";
import { echo, floats, rawFloats, type Site, startSite } from "../../test/grpc-site.ts";
import { addPrediktServices } from "./add-services.ts";
import { createGrpcServer, type GrpcServerOptions } from "./create-server.ts";

const clearing: (() => unknown)[] = [];
afterEach(async () => {
  for (const clear of clearing.splice(0).reverse()) await clear();
});

/** A server whose one model runs while nobody holds it. */
async function start(options: Partial<GrpcServerOptions> = {}): Promise<Site & { backend: FakeBackend; predictor: AnyPredictor }> {
  const backend = fakeBackend();
  const predictor = (await createPredictor({ name: "m", source: "m", backend, batching: false })) as AnyPredictor;
  const site = await startSite({ models: [predictor], ...options });
  clearing.push(
    () => site.close(),
    () => free(backend),
  );
  return { ...site, backend, predictor };
}

function free(backend: FakeBackend): void {
  backend.hold(false);
  backend.release();
}

const infer = { model_name: "m", inputs: [{ name: "x", datatype: "FP32", shape: ["1", "1"] }], raw_input_contents: [rawFloats(2)] };

describe("a client that leaves", () => {
  it("takes its waiting and its running job with it", async () => {
    const replies: ReplyEvent[] = [];
    const { client, backend, predictor } = await start({ onReply: (event) => replies.push(event) });
    backend.hold(true);
    const [running, waiting] = [client.start("ModelInfer", infer), client.start("ModelInfer", infer)];
    await vi.waitFor(() => expect(predictor.stats()).toMatchObject({ running: 1, queued: 1 }));
    running.wire.cancel();
    waiting.wire.cancel();
    expect((await running.outcome).error?.code).toBe(1);
    await vi.waitFor(() => expect(predictor.stats().aborted).toBe(2));
    expect(replies.map(({ status }) => status)).toEqual([499, 499]);
    free(backend);
    expect((await client.call("ModelInfer", infer)).error).toBeUndefined();
  });
});

describe("a deadline", () => {
  it("is the prediction's time limit", async () => {
    const replies: ReplyEvent[] = [];
    const { client, backend, predictor } = await start({ onReply: (event) => replies.push(event) });
    backend.hold(true);
    const { error } = await client.call("ModelInfer", infer, { deadline: Date.now() + 60 });
    expect(error?.code).toBe(4);
    await vi.waitFor(() => {
      const { expired, aborted } = predictor.stats();
      expect(expired + aborted).toBe(1);
      expect(replies).toMatchObject([{ status: 504, code: "DEADLINE_EXCEEDED" }]);
    });
  });

  it("may come from the parameters, from metadata or from the server's limits, too", async () => {
    const { client, backend } = await start({ limits: { timeoutMs: 40 } });
    backend.hold(true);
    const capped = await client.call("ModelInfer", infer);
    expect(capped.error).toMatchObject({ code: 4, details: "no answer within 40 ms" });
    const asked = await client.call("ModelInfer", { ...infer, parameters: { timeout: { uint64_param: "20000" } } });
    expect(asked.error).toMatchObject({ code: 4, details: "no answer within 20 ms" });
    const told = await client.call("ModelInfer", infer, {}, { "x-predikt-timeout-ms": "30" });
    expect(told.error).toMatchObject({ code: 4, details: "no answer within 30 ms" });
  });

  it("that has passed already is no run", async () => {
    const { client, backend } = await start();
    const before = backend.runs.length;
    expect((await client.call("ModelInfer", infer, { deadline: Date.now() - 1 })).error?.code).toBe(4);
    expect(backend.runs.length).toBe(before);
  });
});

it("priority comes from the parameters", async () => {
  const { client, backend, predictor } = await start();
  backend.hold(true);
  const first = client.call("ModelInfer", infer);
  await vi.waitFor(() => expect(predictor.stats().running).toBe(1));
  const ended: string[] = [];
  const later = (name: string, priority: number) =>
    client.call("ModelInfer", { ...infer, parameters: { priority: { int64_param: priority } } }).then(() => ended.push(name));
  const low = later("low", 5);
  await vi.waitFor(() => expect(predictor.stats().queued).toBe(1));
  const high = later("high", 1);
  await vi.waitFor(() => expect(predictor.stats().queued).toBe(2));
  free(backend);
  await Promise.all([first, low, high]);
  expect(ended).toEqual(["high", "low"]);
});

describe("closing", () => {
  it("answers what is under way, refuses what is new, and then is gone", async () => {
    const { client, backend, predictor, server, port } = await start();
    const watch = client.watch("");
    const told: string[] = [];
    watch.on("data", ({ status }) => told.push(status));
    const left = new Promise<Message>((resolve) => watch.on("error", resolve));
    await vi.waitFor(() => expect(told).toEqual(["SERVING"]));
    backend.hold(true);
    const running = client.call("ModelInfer", infer);
    await vi.waitFor(() => expect(predictor.stats().running).toBe(1));
    const closed = server.close();
    expect(server.close()).toBe(closed);
    await vi.waitFor(() => expect(told).toEqual(["SERVING", "NOT_SERVING"]));
    const refused = await client.call("ModelInfer", infer);
    expect(refused.error?.code).toBe(14);
    expect(String(refused.error?.metadata.get("x-predikt-error-bin")[0])).toContain('"DRAINING"');
    expect((await client.call("ServerReady", {})).reply).toEqual({ ready: false });
    expect((await client.call("ServerLive", {})).reply).toEqual({ live: true });
    expect((await client.check("")).reply).toEqual({ status: "NOT_SERVING" });
    free(backend);
    expect(floats((await running).reply.raw_output_contents[0])).toEqual([4]);
    await closed;
    expect(await left).toMatchObject({ code: 14, details: "the server is closing" });
    const late = grpcClient(port);
    expect((await late.call("ServerLive", {})).error?.code).toBe(14);
    late.close();
    expect(predictor.info.state).toBe("ready");
  });

  it("ends the watch of a service that is not here", async () => {
    const { client, server } = await start();
    const watch = client.watch("nothing");
    const left = new Promise<Message>((resolve) => watch.on("error", resolve));
    await new Promise<Message>((resolve) => watch.once("data", resolve));
    await server.close();
    expect(await left).toMatchObject({ code: 14 });
  });

  it("cuts what lasts longer than it may", async () => {
    const { client, backend, predictor, server } = await start({ drainTimeoutMs: 50 });
    backend.hold(true);
    const running = client.call("ModelInfer", infer);
    await vi.waitFor(() => expect(predictor.stats().running).toBe(1));
    await server.close();
    expect([1, 13, 14]).toContain((await running).error?.code);
  });
});

describe("health", () => {
  it("is the server's, and each service's by name", async () => {
    const { client } = await start();
    for (const name of ["", "inference.GRPCInferenceService", "grpc.health.v1.Health"])
      expect((await client.check(name)).reply).toEqual({ status: "SERVING" });
    expect((await client.check("nothing")).error?.code).toBe(5);
    const watch = client.watch("nothing");
    watch.on("error", () => {});
    const status = await new Promise<Message>((resolve) => watch.on("data", resolve));
    expect(status).toEqual({ status: "SERVICE_UNKNOWN" });
    watch.cancel();
  });

  it("tells each change of the models, once", async () => {
    const [one, other] = [await echo("float32", "one"), await echo("float32", "other")];
    let list = [one];
    const listeners = new Set<() => void>();
    const models = {
      resolve: () => one,
      list: () => list.map((predictor) => ({ name: predictor.info.name, version: "1", labels: [], predictor })),
      onChange: (listener: () => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const { client, server } = await start({ models });
    clearing.push(() => one.close());
    const told: string[] = [];
    const watch = client.watch("inference.GRPCInferenceService");
    watch.on("error", () => {});
    watch.on("data", ({ status }) => told.push(status));
    const change = (next: AnyPredictor[]): void => {
      list = next;
      for (const listener of listeners) listener();
    };
    await vi.waitFor(() => expect(told).toEqual(["SERVING"]));
    change([one, other]);
    await other.close();
    await vi.waitFor(() => expect(told).toEqual(["SERVING", "NOT_SERVING"]));
    change([one]);
    await vi.waitFor(() => expect(told).toEqual(["SERVING", "NOT_SERVING", "SERVING"]));
    await server.close();
    expect(listeners.size).toBe(0);
  });
});

describe("messages", () => {
  it("of many megabytes pass, up to the limit", async () => {
    const backend = fakeBackend({ compute: ({ x }) => ({ y: x }) as never });
    const predictor = (await createPredictor({ name: "m", source: "m", backend, batching: false })) as AnyPredictor;
    const { client } = await start({ models: [predictor] });
    const rows = 5 * 2 ** 20;
    const data = Buffer.alloc(4 * rows, 7);
    const large = { ...infer, inputs: [{ ...infer.inputs[0], shape: [String(rows), "1"] }], raw_input_contents: [data] };
    const { reply, error } = await client.call("ModelInfer", large);
    expect(error).toBeUndefined();
    expect(data.equals(reply.raw_output_contents[0])).toBe(true);
    const small = await start({ models: [predictor], limits: { messageBytes: 1000 } });
    expect((await small.client.call("ModelInfer", large)).error?.code).toBe(8);
    await predictor.close();
  });

  it("are the predictor's to take over: it copies nothing that it need not", async () => {
    const predictor = await echo("float32", "m");
    const seen: unknown[] = [];
    const run = predictor.run.bind(predictor);
    Object.assign(predictor, {
      run: (feeds: never, options: { readonly transfer?: boolean }) => {
        seen.push(options.transfer);
        return run(feeds, options);
      },
    });
    const { client } = await start({ models: [predictor] });
    await client.call("ModelInfer", { ...infer, inputs: [{ ...infer.inputs[0], shape: ["1"] }] });
    expect(seen).toEqual([true]);
  });

  it("compressed by the client are read", async () => {
    const { port } = await start();
    const client = grpcClient(port, { "grpc.default_compression_algorithm": 2 });
    expect(floats((await client.call("ModelInfer", infer)).reply.raw_output_contents[0])).toEqual([4]);
    client.close();
  });
});

describe("a server that is the application's own", () => {
  it("has the services beside its own", async () => {
    const predictor = await echo("float32", "m");
    const server = new grpc.Server();
    const services = await addPrediktServices(server, { models: [predictor] });
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))),
    );
    const client = grpcClient(port);
    expect((await client.call("ModelReady", { name: "m" })).reply).toEqual({ ready: true });
    await services.close();
    expect((await client.call("ModelInfer", { ...infer, inputs: [{ ...infer.inputs[0], shape: ["1"] }] })).error?.code).toBe(14);
    client.close();
    await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    await predictor.close();
  });
});

it("options are checked", async () => {
  const models = [await echo("float32")];
  const wrong = (options: object) =>
    createGrpcServer({ models, ...options }).catch(({ code, message }: Message) => `${code} ${message}`) as Promise<unknown>;
  expect(await wrong({ limits: { messageBytes: 0 } })).toContain('CONFIG_INVALID option "limits.messageBytes"');
  expect(await wrong({ limits: { timeoutMs: -1 } })).toContain('CONFIG_INVALID option "limits.timeoutMs"');
  expect(await wrong({ drainTimeoutMs: 0 })).toContain('CONFIG_INVALID option "drainTimeoutMs"');
  expect(await wrong({ control: "yes" })).toContain('CONFIG_INVALID option "control"');
  expect(await wrong({ models: 7 })).toContain('CONFIG_INVALID option "models"');
  await models[0]?.close();
});
