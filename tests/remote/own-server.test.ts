import { createPredictor, defineModel, numbers, type Predictor, tensor } from "@predikt/core";
import { type RemoteOptions, remote } from "@predikt/core/remote";
import { type HandlerOptions, toFetchHandler } from "@predikt/core/serving";
import { backendContract, contractModels, fakeBackend } from "@predikt/core/testing";
import { createPredictor as createNodePredictor } from "@predikt/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { adapters, type Served } from "../http/servers.ts";
import { until } from "../http/until.ts";
import { codeOf, injected } from "./injected.ts";

// A model goes through two predictors: one here, whose session is a request, and one on the server.

const names = { linear: "linear", identity: "identity", gather: "gather" };
const files = contractModels();
let models: Predictor[];
let served: Served;
let handler: (request: Request) => Promise<Response>;

beforeAll(async () => {
  models = await Promise.all(
    Object.entries(files).map(([name, source]) => createNodePredictor({ source, name, device: "cpu", execution: "inline", warmup: false })),
  );
  handler = toFetchHandler({ models, prefix: "/api" });
  served = await (adapters["node:http"] as (typeof adapters)[string])({ models });
});

afterAll(async () => {
  await served.close();
  await Promise.all(models.map((model) => model.close()));
});

describe.each([
  ["OIP, binary", { protocol: "oip" }],
  ["OIP, JSON", { protocol: "oip", binary: false }],
  ["TensorFlow Serving", { protocol: "tfserving" }],
  ["auto", {}],
] as [string, RemoteOptions][])("the backend contract over our own server: %s", (_name, options) => {
  describe("through a fetch that is injected", () => {
    const backend = remote("https://own.test/api", { ...options, fetch: injected((request) => handler(request)) });
    backendContract({ test: it, expect }, { backend, options: {}, models: names });
  });

  describe("over sockets", () => {
    const backend = { ...remote("http://unused.test"), open: (request: never) => remote(`${served.origin}/api`, options).open(request) };
    backendContract({ test: it, expect }, { backend, options: {}, models: names });
  });
});

describe("one definition on both sides", () => {
  const linear = defineModel({
    name: "double",
    input: z.object({ x: numbers({ length: 1 }) }),
    output: z.object({ y: z.number() }),
    encode: ({ x }) => ({ x: tensor("float32", x, [1, 1]) }),
    decode: ({ y }) => ({ y: Number(y?.data[0]) }),
    example: { x: [1] },
  });

  it("is served typed, and its tensors run for whoever encodes and decodes by themselves", async () => {
    const there = await createPredictor(linear, { source: "double.onnx", backend: fakeBackend() });
    const server = toFetchHandler({ models: [there] });
    const backend = remote("https://own.test", { fetch: injected(server) });
    const here = await createPredictor(linear, { backend });
    expect(await here.predict({ x: [4] })).toEqual({ y: 8 });
    expect(here.info).toMatchObject({ name: "double", metadata: { version: "1", server: "Predikt" }, details: { protocol: "auto" } });
    await here.close();
    await there.close();
  });
});

describe("what our own server says instead of an answer", () => {
  /** A model whose runs are held, behind one place in the queue. */
  async function held(options: Partial<HandlerOptions> = {}) {
    const fake = fakeBackend();
    const there = await createPredictor({ source: "m.onnx", name: "m", backend: fake, queueLimit: 1, warmup: false });
    const server = await (adapters["node:http"] as (typeof adapters)[string])({ models: [there], ...options });
    const here = await createPredictor({ backend: remote(`${server.origin}/api`, { retries: 0 }), source: "m", warmup: false });
    fake.hold(true);
    const close = async (): Promise<void> => {
      fake.hold(false);
      fake.release();
      await Promise.all([here.close(), server.close()]);
      await there.close();
    };
    return { fake, there, here, close };
  }

  it("is the error that its predictor raised, with its class, code and details", async () => {
    const { here, there, close } = await held();
    const first = [here.run({ x: [[1]] }), here.run({ x: [[2]] })];
    await until(() => there.stats().queued === 1 && there.stats().running === 1);
    await expect(here.run({ x: [[3]] })).rejects.toMatchObject({
      name: "OverloadError",
      code: "QUEUE_FULL",
      details: { queueLimit: 1, endpoint: expect.stringMatching(/^http:\/\/127/) },
    });
    const closing = close();
    await Promise.all(first);
    await closing;
  });

  it("an abort here drops the job there, and the time limit goes with the request", async () => {
    const { here, there, close } = await held();
    const controller = new AbortController();
    const call = codeOf(here.run({ x: [[1]] }, { signal: controller.signal }));
    await until(() => there.stats().running === 1);
    controller.abort("not now");
    expect(await call).toBe("not now");
    await until(() => there.stats().aborted === 1);

    // Of two limits, the server's own timer sees the one that came with the request.
    const outcomes: string[] = [];
    there.on("job-settled", ({ outcome }) => outcomes.push(outcome));
    expect(await codeOf(here.run({ x: [[1]] }, { timeoutMs: 200 }))).toBe("DEADLINE_EXCEEDED");
    await until(() => outcomes.length === 1);
    expect(["expired", "aborted"]).toContain(outcomes[0]);
    await close();
  });
});
