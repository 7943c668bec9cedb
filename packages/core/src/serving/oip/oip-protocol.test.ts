import { describe, expect, it } from "vitest";
import { createPredictor } from "../../predictor/create-predictor.ts";
import { type FakeRun, fakeBackend } from "../../testing/index.ts";
import type { AnyPredictor, DType, ModelResolver, TensorSpec, Tensors } from "../../types/index.ts";
import type { AccessHook } from "../access.ts";
import { toFetchHandler } from "../fetch-handler.ts";
import type { HandlerOptions } from "../options.ts";

const spec = (dtype: DType, shape: TensorSpec["shape"], name = "x"): TensorSpec => ({ name, dtype, shape });
const echo = ({ x }: Tensors): Tensors => ({ y: x as Tensors[string] });

/** A model that gives back what it takes. */
function same(dtype: DType, shape: TensorSpec["shape"] = ["batch"]): Promise<AnyPredictor> {
  const signature = { inputs: [spec(dtype, shape)], outputs: [spec(dtype, shape, "y")] };
  return createPredictor({ name: dtype, source: "m", backend: fakeBackend({ signature, compute: echo }) });
}

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly json: Record<string, never>;
}

function server(models: HandlerOptions["models"], options: Partial<HandlerOptions> = {}): (path: string, body?: unknown) => Promise<Reply> {
  const handler = toFetchHandler({ models, ...options });
  return async (path, body) => {
    const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
    const reply = await handler(new Request(`http://h${path}`, text === undefined ? {} : { method: "POST", body: text }));
    const told = await reply.text();
    return { status: reply.status, text: told, json: told === "" ? {} : JSON.parse(told) };
  };
}

const input = (datatype: string, data: string, count = 1): string =>
  `{"inputs":[{"name":"x","datatype":"${datatype}","shape":[${count}],"data":${data}}]}`;

describe("infer", () => {
  it("keeps every digit of 64-bit integers, in and out", async () => {
    const ask = server([await same("int64"), await same("uint64")]);
    const { text } = await ask("/v2/models/int64/infer", input("INT64", "[-9223372036854775808,9007199254740993]", 2));
    expect(text).toContain('"data":[-9223372036854775808,9007199254740993]');
    const other = await ask("/v2/models/uint64/infer", input("UINT64", '["18446744073709551615"]'));
    expect(other.text).toContain('"data":[18446744073709551615]');
    const lost = await ask("/v2/models/int64/infer", input("INT64", "[1.5e300]"));
    expect(lost).toMatchObject({ status: 400, json: { code: "INPUT_VALUE" } });
  });

  it("has FP16 by value, BOOL as booleans", async () => {
    const ask = server([await same("float16"), await same("bool")]);
    expect((await ask("/v2/models/float16/infer", input("FP16", "[1.5,-0.25,null]", 3))).text).toContain('"data":[1.5,-0.25,"NaN"]');
    expect((await ask("/v2/models/bool/infer", input("BOOL", "[true,0,1]", 3))).text).toContain('"data":[true,false,true]');
  });

  it("writes NaN and the infinities as told", async () => {
    const model = await same("float32");
    const of = async (nonFiniteJson: "null" | "token"): Promise<string> => {
      const handler = toFetchHandler({ models: [model], nonFiniteJson });
      const body = input("FP32", "[null,Infinity]", 2);
      return (await handler(new Request("http://h/v2/models/float32/infer", { method: "POST", body }))).text();
    };
    expect(await of("null")).toContain('"data":[null,null]');
    expect(await of("token")).toContain('"data":[NaN,Infinity]');
  });

  it("heeds priority and timeout", async () => {
    const backend = fakeBackend();
    const model = await createPredictor({ name: "m", source: "m", backend });
    const ask = server([model]);
    const body = (parameters: object): object => ({ parameters, inputs: [{ name: "x", datatype: "FP32", shape: [1, 1], data: [1] }] });
    for (const [priority, level] of [
      [0, "normal"],
      [1, "high"],
      ["2", "normal"],
      [3, "low"],
    ]) {
      expect((await ask("/v2/models/m/infer", body({ priority }))).status).toBe(200);
      expect(backend.runs.at(-1)?.options?.priority).toBe(level);
    }
    backend.hold(true);
    const late = await ask("/v2/models/m/infer", body({ timeout: 2500 }));
    expect(late).toMatchObject({ status: 504, json: { code: "DEADLINE_EXCEEDED", details: { timeoutMs: 2.5 } } });
    backend.release();
    expect((await ask("/v2/models/m/infer", body({ timeout: -1 }))).json).toMatchObject({ code: "INPUT_VALUE" });
    expect((await ask("/v2/models/m/infer", body({ timeout: 1e18 }))).json).toMatchObject({ code: "INPUT_VALUE" });
  });

  it("sends views of the body to the model where their place allows it", async () => {
    const backend = fakeBackend();
    const model = await createPredictor({ name: "m", source: "m", backend });
    const handler = toFetchHandler({ models: [model] });
    const send = async (padding: string): Promise<Float32Array> => {
      const head = `{"inputs":[{"name":"x","datatype":"FP32","shape":[1,1],"parameters":{"binary_data_size":4}}]}`;
      const length = head.length + padding.length;
      const body = new Uint8Array(length + 4);
      body.set(new TextEncoder().encode(head + padding));
      new DataView(body.buffer).setFloat32(length, 3, true);
      const headers = { "inference-header-content-length": String(length) };
      expect((await handler(new Request("http://h/v2/models/m/infer", { method: "POST", headers, body }))).status).toBe(200);
      const { data } = (backend.runs.at(-1) as FakeRun).feeds["x"] as { data: Float32Array };
      expect(data).toEqual(Float32Array.of(3));
      return data;
    };
    const head = 93;
    const aligned = await send(" ".repeat((8 - (head % 8)) % 8));
    expect(aligned.buffer.byteLength).toBeGreaterThan(90);
    const unaligned = await send(" ".repeat((8 - (head % 8)) % 8).padEnd(1 + ((8 - (head % 8)) % 8)));
    expect(unaligned.buffer.byteLength).toBe(4);
  });
});

describe("statistics", () => {
  it("count rows, runs and requests of each version, without warm-up, whichever handler tells them", async () => {
    const model = await createPredictor({ name: "m", source: "m", backend: fakeBackend(), batching: { maxBatchSize: 8 } });
    const ask = server([model]);
    const one = { name: "x", datatype: "FP32", shape: [1, 1], data: [1] };
    await Promise.all([
      ask("/v2/models/m/infer", { inputs: [one] }),
      ask("/v2/models/m/infer", { inputs: [{ ...one, shape: [2, 1], data: [1, 2] }] }),
    ]);
    await ask("/v2/models/m/infer", { inputs: [{ ...one, datatype: "INT8" }] });
    const { json } = await ask("/v2/models/m/versions/1/stats");
    const [stats] = json["model_stats"] as unknown as [Record<string, never>];
    expect(stats).toMatchObject({ name: "m", version: "1", inference_count: 3, response_stats: {}, memory_usage: [] });
    expect(stats["last_inference"]).toBeGreaterThan(1.7e12);
    expect(stats["execution_count"]).toBeLessThanOrEqual(2);
    expect(stats["inference_stats"]).toMatchObject({
      success: { count: 2 },
      fail: { count: 1 },
      queue: { count: 2 },
      cache_hit: { count: 0, ns: 0 },
    });
    const sizes = stats["batch_stats"] as unknown as { batch_size: number; compute_infer: { count: number } }[];
    expect(sizes.reduce((rows, { batch_size, compute_infer }) => rows + batch_size * compute_infer.count, 0)).toBe(3);
    expect((await ask("/v2/models/stats")).json).toEqual(json);
    expect((await server([model])("/v2/models/stats")).json).toEqual(json);
    expect((await ask("/v2/models/nobody/stats")).status).toBe(404);
    expect((await ask("/v2/models/m/versions/7/stats")).status).toBe(404);
  });
});

describe("a repository", () => {
  const registry = async (): Promise<{ resolver: ModelResolver & Record<string, unknown>; done: string[] }> => {
    const model = await same("float32");
    const done: string[] = [];
    const resolver = {
      resolve: () => model,
      list: () => [{ name: "float32", version: "1", labels: [], predictor: model }],
      index: () => [
        { name: "float32", version: "1", state: "READY", reason: "", labels: [] },
        { name: "other", version: "2", state: "UNAVAILABLE", reason: "no such file", labels: [] },
      ],
      load: async (name: string) => void done.push(`load ${name}`),
      unload: async (name: string) => void done.push(`unload ${name}`),
    };
    return { resolver, done };
  };

  it("is closed unless control is given", async () => {
    const { resolver, done } = await registry();
    const ask = server(resolver);
    for (const path of ["index", "models/float32/load", "models/float32/unload"])
      expect((await ask(`/v2/repository/${path}`, "")).status).toBe(404);
    expect(done).toEqual([]);
  });

  it("lists, loads and unloads", async () => {
    const { resolver, done } = await registry();
    const seen: string[] = [];
    const access: HandlerOptions["access"] = ({ operation, model }) => void seen.push(`${operation} ${model}`);
    const ask = server(resolver, { control: true, access });
    expect((await ask("/v2/repository/index", "")).json).toHaveLength(2);
    expect((await ask("/v2/repository/index", { ready: true })).json).toHaveLength(1);
    expect(await ask("/v2/repository/models/float32/load", "")).toMatchObject({ status: 200, json: { name: "float32", load: true } });
    expect((await ask("/v2/repository/models/float32/unload", { parameters: { unload_dependents: false } })).status).toBe(200);
    expect(done).toEqual(["load float32", "unload float32"]);
    expect(seen).toEqual(["control undefined", "control undefined", "control float32", "control float32"]);
    expect((await ask("/v2/repository/models/float32/load", { parameters: { config: "{}" } })).json).toMatchObject({
      code: "INPUT_UNKNOWN",
    });
    expect(((await ask("/v2")).json["extensions"] as unknown as string[]).at(-1)).toBe("model_repository");
  });

  it("is nothing for pages of other origins, unless an access hook knows who asks", async () => {
    const { resolver, done } = await registry();
    const unload = async (headers: Record<string, string>, options: Partial<HandlerOptions> = {}): Promise<number> => {
      const handler = toFetchHandler({ models: resolver, control: true, ...options });
      return (await handler(new Request("http://h:8/v2/repository/models/float32/unload", { method: "POST", headers }))).status;
    };
    const foreign = [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site", origin: "http://h:9" },
      { origin: "http://h:9" },
      { origin: "null" },
    ];
    for (const headers of foreign) expect(await unload(headers), JSON.stringify(headers)).toBe(403);
    expect(await unload({ "sec-fetch-site": "cross-site" }, { access: () => undefined })).toBe(403);
    expect(done).toEqual([]);
    for (const headers of [{ "sec-fetch-site": "same-origin" }, { "sec-fetch-site": "none" }, { origin: "https://h:8" }, {}])
      expect(await unload(headers as Record<string, string>), JSON.stringify(headers)).toBe(200);
    const access: AccessHook = (asked) => {
      asked.caller = { id: "ada" };
      return undefined;
    };
    expect(await unload({ "sec-fetch-site": "cross-site" }, { access })).toBe(200);
    expect(done).toHaveLength(5);
  });

  it("keeps the server from being ready while a model of it is not", async () => {
    const { resolver } = await registry();
    const ask = server({ ...resolver, unready: () => [{ name: "other", state: "UNAVAILABLE" }] });
    const ready = await ask("/v2/health/ready");
    expect(ready).toMatchObject({
      status: 503,
      json: { live: true, ready: false, code: "NOT_READY", error: 'not ready: "other" is UNAVAILABLE' },
    });
    expect((await ask("/v2/health/live")).json).toEqual({ live: true, ready: false });
    expect((await ask("/health/ready")).status).toBe(503);
  });
});

describe("the options", () => {
  it("switch protocols off", async () => {
    const models = [await same("float32")];
    const none = server(models, { protocols: [] });
    expect((await none("/v2")).status).toBe(404);
    expect((await none("/v1/models")).status).toBe(404);
    expect((await none("/models")).status).toBe(200);
    const one = server(models, { protocols: ["tfserving"] });
    expect((await one("/v2")).status).toBe(404);
    expect((await one("/v1/models")).json).toEqual({ models: ["float32"] });
  });

  it("are checked", async () => {
    const models = [await same("float32")];
    const wrong = [{ protocols: ["grpc"] }, { protocols: "oip" }, { control: 1 }, { nonFiniteJson: "zero" }];
    for (const options of wrong)
      expect(() => server(models, options as never)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});
