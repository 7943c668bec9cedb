import { createPredictor, defineModel, type ErrorCode, firstAvailable, type Predictor, type PrediktError, tensor } from "@predikt/core";
import { httpPredictor } from "@predikt/core/client";
import { graph, initializer, model, node, value, writeModel } from "@predikt/core/onnx";
import { type AccessHook, allOf, type HandlerOptions, limitRate, requireScopes, toFetchHandler } from "@predikt/core/serving";
import { type FakeBackendOptions, fakeBackend } from "@predikt/core/testing";
import { createPredictor as createNodePredictor, type NodePredictorOptions } from "@predikt/node";
import { z } from "zod";

/** Codes that only a fresh installation can raise; tests/packaging has one. */
export const onlyInstalled = ["BACKEND_MISSING"] as const;

type Raised = Exclude<ErrorCode, (typeof onlyInstalled)[number]>;

/** An error's public face: what a caller or an HTTP client can tell. */
export interface Seen {
  readonly code: string;
  readonly status: number;
}

/** For each code, the shortest way in which a user of the public exports meets it. */
export const raise: Readonly<Record<Raised, () => Promise<Seen>>> = {
  INPUT_MISSING: () => thrown(raw({}, (predictor) => predictor.run({}))),
  INPUT_UNKNOWN: () => thrown(raw({}, (predictor) => predictor.run({ x: [[1]], y: [[1]] }))),
  INPUT_DTYPE: () => thrown(raw({}, (predictor) => predictor.run({ x: tensor("int32", [1], [1, 1]) }))),
  INPUT_SHAPE: () => thrown(raw({}, (predictor) => predictor.run({ x: [[1, 2]] }))),
  INPUT_VALUE: () => thrown(predictDouble({}, { x: -1 })),
  BODY_INVALID: () => served({ body: '{"x": 1' }),
  INPUT_TOO_LARGE: () => served({ body: JSON.stringify({ x: 1, pad: "*".repeat(100) }) }, { limits: { jsonBytes: 50 } }),
  UNSUPPORTED_MEDIA_TYPE: () => served({ headers: { "content-type": "text/plain" }, body: "x=1" }),
  METHOD_NOT_ALLOWED: () => served({ method: "DELETE" }),
  DEFINITION_FAILED: () =>
    thrown(
      predictDouble(
        {
          encode: () => {
            throw new Error("the definition's own mistake");
          },
        },
        { x: 1 },
      ),
    ),
  OUTPUT_INVALID: () => thrown(predictDouble({ decode: () => ({ y: "a string" }) }, { x: 1 })),
  BATCH_UNSAFE: () =>
    thrown(createPredictor({ source: "m.onnx", backend: fakeBackend({ batchUnsafeOps: ["DynamicQuantizeLinear"] }), batching: true })),
  MODEL_NOT_FOUND: () => thrown(open({ source: "./no-such-model.onnx" })),
  MODEL_FETCH: () => thrown(open({ source: "http://127.0.0.1:1/m.onnx", download: { retries: 0 } })),
  MODEL_INVALID: () => thrown(open({ source: new Uint8Array([1, 2, 3]) })),
  MODEL_UNSUPPORTED: () => thrown(open({ source: unknownOperator() })),
  MODEL_REFUSED: () => thrown(open({ source: allocationBomb() })),
  MODEL_INTEGRITY: () => thrown(open({ source: allocator(), sha256: "00".repeat(32) })),
  BACKEND_UNAVAILABLE: () => thrown(firstAvailable([() => Promise.reject(new Error("no GPU here"))])),
  BACKEND_RUN: () =>
    thrown(
      raw(
        {
          compute: () => {
            throw new Error("the runtime said no");
          },
        },
        (predictor) => predictor.run({ x: [[1]] }),
      ),
    ),
  BACKEND_MEMORY: async () => {
    const predictor = await open({ source: allocator(), execution: "inline" });
    const seen = await thrown(predictor.run({ n: [2n ** 46n] }));
    await predictor.close();
    return seen;
  },
  BACKEND_LOST: async () => {
    const predictor = await open({ source: allocator(), execution: "process", maxWorkers: 1 });
    const running = thrown(predictor.run({ n: [2n ** 28n] }));
    process.kill(Number(pidsOf(predictor)[0]), "SIGKILL");
    const seen = await running;
    await predictor.close();
    return seen;
  },
  UNAUTHENTICATED: () => served({ body: '{"x": 1}' }, { access: requireScopes() }),
  FORBIDDEN: () => served({ body: '{"x": 1}' }, { access: allOf([called("ada"), requireScopes()]) }),
  RATE_LIMITED: async () => {
    const access = limitRate({ requests: { amount: 1, perMs: 60_000 } });
    await served({ body: '{"x": 1}' }, { access });
    return served({ body: '{"x": 1}' }, { access });
  },
  QUEUE_FULL: () =>
    thrown(
      raw({ held: true }, async (predictor, backend) => {
        const first = predictor.run({ x: [[1]] });
        const second = predictor.run({ x: [[2]] }).finally(() => backend.release());
        await second;
        await first;
      }),
    ),
  DEADLINE_EXCEEDED: () =>
    thrown(raw({ held: true }, (predictor, backend) => predictor.run({ x: [[1]] }, { timeoutMs: 5 }).finally(() => backend.release()))),
  REMOTE_UNREACHABLE: () => thrown(httpPredictor(double(), "http://127.0.0.1:1", { retries: 0 }).predict({ x: 1 })),
  REMOTE_STATUS: () => thrown(remote(new Response("<h1>I'm a teapot</h1>", { status: 418 }))),
  REMOTE_PROTOCOL: () => thrown(remote(new Response("certainly not JSON"))),
  NOT_READY: () => closedModel((handler) => handler(new Request("http://localhost/health/ready"))),
  DRAINING: () =>
    thrown(
      raw({ held: true }, async (predictor, backend) => {
        const running = predictor.run({ x: [[1]] });
        const closing = predictor.close();
        await predictor.run({ x: [[2]] }).finally(() => backend.release());
        await Promise.all([running, closing]);
      }),
    ),
  CLOSED: () =>
    thrown(
      raw({}, async (predictor) => {
        await predictor.close();
        await predictor.run({ x: [[1]] });
      }),
    ),
  CONFIG_INVALID: () => thrown(open({ source: "m.onnx", queueLimit: -1 })),
};

async function thrown(promise: Promise<unknown>): Promise<Seen> {
  try {
    await promise;
  } catch (error) {
    return error as PrediktError;
  }
  return { code: "NOTHING_WAS_RAISED", status: 0 };
}

const open = (options: NodePredictorOptions): Promise<Predictor> => createNodePredictor({ warmup: false, execution: "inline", ...options });

interface Parts {
  readonly encode?: (item: { x: number }) => never;
  readonly decode?: () => unknown;
}

function double({ encode, decode }: Parts = {}) {
  return defineModel({
    name: "double",
    input: z.object({ x: z.number().min(0) }),
    output: z.object({ y: z.number() }),
    encode: encode ?? (({ x }) => ({ x: tensor("float32", [x], [1, 1]) })),
    decode: (decode as () => { y: number }) ?? (({ y }) => ({ y: Number(y?.data[0]) })),
    example: { x: 1 },
  });
}

async function predictDouble(parts: Parts, input: { x: number }): Promise<unknown> {
  const predictor = await createPredictor(double(parts), { source: "m.onnx", backend: fakeBackend() });
  return predictor.predict(input).finally(() => predictor.close());
}

/** Does something with a model without a definition, on a fake backend that takes one waiting job. */
async function raw(
  behaviour: FakeBackendOptions,
  use: (predictor: Predictor, backend: ReturnType<typeof fakeBackend>) => Promise<unknown>,
): Promise<unknown> {
  const backend = fakeBackend(behaviour);
  const predictor = await createPredictor({ source: "m.onnx", backend, warmup: false, queueLimit: 0 });
  return use(predictor, backend).finally(() => predictor.close());
}

async function served(request: RequestInit, options: Partial<HandlerOptions> = {}): Promise<Seen> {
  const predictor = await createPredictor(double(), { source: "m.onnx", backend: fakeBackend() });
  const handler = toFetchHandler({ models: [predictor as never], ...options });
  const all = { method: "POST", headers: { "content-type": "application/json" }, ...request };
  const seen = await toSeen(await handler(new Request("http://localhost/predict", all)));
  await predictor.close();
  return seen;
}

/** Knows everybody by one name. */
function called(id: string): AccessHook {
  return (request) => {
    request.caller = { id };
    return undefined;
  };
}

async function closedModel(ask: (handler: (request: Request) => Promise<Response>) => Promise<Response>): Promise<Seen> {
  const predictor = await createPredictor(double(), { source: "m.onnx", backend: fakeBackend() });
  await predictor.close();
  return toSeen(await ask(toFetchHandler({ models: [predictor as never] })));
}

async function toSeen(response: Response): Promise<Seen> {
  const { code } = (await response.json()) as { code: string };
  return { code, status: response.status };
}

function remote(response: Response): Promise<unknown> {
  return httpPredictor(double(), "http://localhost", { fetch: async () => response, retries: 0 }).predict({ x: 1 });
}

/** Allocates n float32 zeros, n int64 [1]. */
function allocator(): Uint8Array {
  return writeModel(
    model(
      graph({
        nodes: [node("ConstantOfShape", ["n"], ["zeros"]), node("ReduceSum", ["zeros"], ["sum"], { keepdims: 0 })],
        inputs: [value("n", "int64", [1])],
        outputs: [value("sum", "float32", [])],
      }),
    ),
  );
}

/** As {@link allocator}, with an n of 2^40 in the file itself. */
function allocationBomb(): Uint8Array {
  return writeModel(
    model(
      graph({
        nodes: [node("ConstantOfShape", ["n"], ["zeros"]), node("ReduceSum", ["zeros"], ["sum"], { keepdims: 0 })],
        inputs: [],
        outputs: [value("sum", "float32", [])],
        initializers: [initializer("n", tensor("int64", [2n ** 40n], [1]))],
      }),
    ),
  );
}

function unknownOperator(): Uint8Array {
  return writeModel(
    model(
      graph({
        nodes: [node("NoSuchOperator", ["x"], ["y"])],
        inputs: [value("x", "float32", [1])],
        outputs: [value("y", "float32", [1])],
      }),
    ),
  );
}

function pidsOf(predictor: Predictor): unknown[] {
  return predictor.info.details["pids"] as unknown[];
}
