import { createPredictor, type Predictor, tensor } from "@predikt/core";
import { type RemoteOptions, remote } from "@predikt/core/remote";
import { describe, expect, it } from "vitest";
import { FakeTensorFlowServing } from "./fakes/tensorflow.ts";
import { FakeTriton } from "./fakes/triton.ts";
import { codeOf, injected } from "./injected.ts";

function open(server: FakeTensorFlowServing, model: string, options: RemoteOptions = {}): Promise<Predictor> {
  const backend = remote("https://tf.test", { protocol: "tfserving", fetch: injected(server.fetch), retries: 0, model, ...options });
  return createPredictor({ backend, warmup: false });
}

describe("TensorFlow Serving", () => {
  it("runs what its signature says, in columns", async () => {
    const server = new FakeTensorFlowServing();
    const predictor = await open(server, "linear");
    expect(predictor.info.signature).toEqual({
      inputs: [{ name: "x", dtype: "float32", shape: ["", 1] }],
      outputs: [{ name: "y", dtype: "float32", shape: ["", 1] }],
    });
    expect(predictor.info.metadata).toEqual({ name: "linear", version: "123" });
    expect((await predictor.run({ x: [[1], [2]] }))["y"]).toEqual(tensor("float32", [3, 5], [2, 1]));
    expect(server.seen.at(-1)).toMatchObject({ path: "/v1/models/linear:predict", body: '{"inputs":{"x":[[1],[2]]}}' });
    expect((await predictor.run({ x: tensor("float32", [], [0, 1]) }))["y"]).toEqual(tensor("float32", [], [0, 1]));
    expect(await codeOf(predictor.run({ x: [[1, 2]] }))).toBe("INPUT_SHAPE");
    await predictor.close();
  });

  it("loses no digit and no NaN", async () => {
    const server = new FakeTensorFlowServing();
    const predictor = await open(server, "odd");
    const n = [2n ** 63n - 1n, -(2n ** 63n), 9007199254740993n];
    const x = tensor("float32", [NaN, Infinity, -Infinity, 0.5]);
    expect(await predictor.run({ x, n })).toEqual({ f: x, n: tensor("int64", n) });
    server.rows = true;
    expect(await predictor.run({ x: [NaN, 1, 2], n })).toEqual({ f: tensor("float32", [NaN, 1, 2]), n: tensor("int64", n) });
    await predictor.close();
  });

  it("asks for a version, a label and a signature by name", async () => {
    const server = new FakeTensorFlowServing();
    for (const [options, path] of [
      [{ version: "123" }, "/v1/models/linear/versions/123:predict"],
      [{ label: "stable" }, "/v1/models/linear/labels/stable:predict"],
      [{ signatureName: "serving_default" }, "/v1/models/linear:predict"],
    ] as const) {
      const predictor = await open(server, "linear", options);
      await predictor.run({ x: [[1]] });
      expect(server.seen.at(-1)?.path).toBe(path);
      await predictor.close();
    }
    expect(server.seen.at(-1)?.body).toContain('"signature_name":"serving_default"');
    expect(await codeOf(open(server, "linear", { version: "4" }))).toBe("MODEL_NOT_FOUND");
    expect(await codeOf(open(server, "nothing"))).toBe("MODEL_NOT_FOUND");
    await expect(open(server, "linear", { signatureName: "regress" })).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
      message: expect.stringContaining("serving_default"),
    });
    await expect(open(server, "linear", { label: "nightly" })).rejects.toMatchObject({
      code: "REMOTE_STATUS",
      message: expect.stringContaining("Unrecognized servable version label: nightly"),
    });
  });

  it("what it says of the input is the caller's", async () => {
    const predictor = await open(new FakeTensorFlowServing(), "gather");
    await expect(predictor.run({ data: [9] })).rejects.toMatchObject({ code: "INPUT_VALUE", details: { status: 400 } });
    expect((await predictor.run({ data: [1] }))["row"]?.data).toEqual(new Float32Array([20]));
    await predictor.close();
  });

  it("passes the time left on, in the header that Predikt's servers read", async () => {
    const server = new FakeTensorFlowServing();
    const predictor = await open(server, "linear");
    await predictor.run({ x: [[1]] }, { timeoutMs: 5000 });
    expect(Number(server.seen.at(-1)?.headers.get("x-predikt-timeout-ms"))).toBeGreaterThan(4000);
    await predictor.close();
  });
});

describe("strings", () => {
  it("travel as text, and come back from base64 where the output's name ends so", async () => {
    const server = async (request: Request): Promise<Response> => {
      if (request.method === "GET") {
        const info = { dtype: "DT_STRING", tensor_shape: { dim: [{ size: "-1" }] } };
        const signature_def = { serving_default: { inputs: { s: info }, outputs: { s: info, s_bytes: info } } };
        return Response.json({ model_spec: { name: "m" }, metadata: { signature_def: { signature_def } } });
      }
      const { inputs } = (await request.json()) as { inputs: { s: string[] } };
      return Response.json({ outputs: { s: inputs.s, s_bytes: inputs.s.map((text) => ({ b64: Buffer.from(text).toString("base64") })) } });
    };
    const predictor = await createPredictor({
      backend: remote("https://tf.test", { protocol: "tfserving", fetch: injected(server) }),
      source: "m",
    });
    const s = ["", "prädikt 数 😀", 'a"b\\'];
    expect(await predictor.run({ s })).toEqual({ s: tensor("string", s), s_bytes: tensor("string", s) });
    await predictor.close();
  });
});

describe('protocol "auto"', () => {
  const auto = (fetch: (request: Request) => Promise<Response>, model = "linear") =>
    createPredictor({ backend: remote("https://s.test", { fetch: injected(fetch), retries: 0, model }), warmup: false });

  it("finds out what the server speaks", async () => {
    const triton = new FakeTriton();
    const tensorflow = new FakeTensorFlowServing();
    for (const server of [triton, tensorflow]) {
      const predictor = await auto(server.fetch);
      expect((await predictor.run({ x: [[1]] }))["y"]?.data).toEqual(new Float32Array([3]));
      await predictor.close();
    }
    expect(triton.seen.at(-1)?.path).toBe("/v2/models/linear/infer");
    expect(tensorflow.seen.at(-1)?.path).toBe("/v1/models/linear:predict");
  });

  it("tells what is wrong of the server that is there", async () => {
    expect(await codeOf(auto(new FakeTriton().fetch, "nothing"))).toBe("MODEL_NOT_FOUND");
    expect(await codeOf(auto(new FakeTensorFlowServing().fetch, "nothing"))).toBe("MODEL_NOT_FOUND");
    expect(await codeOf(auto(async () => new Response("hello")))).toBe("REMOTE_PROTOCOL");
    expect(await codeOf(auto(async () => new Response("", { status: 401 })))).toBe("UNAUTHENTICATED");
    expect(await codeOf(auto(async () => Promise.reject(new TypeError("refused"))))).toBe("REMOTE_UNREACHABLE");
  });
});
