import { gzipSync } from "node:zlib";
import { createPredictor, type Signature, type Tensor, type Tensors } from "@predikt/core";
import { createRegistry, type VersionSource } from "@predikt/core/registry";
import type { AnyPredictor } from "@predikt/core/serving";
import { fakeBackend } from "@predikt/core/testing";
import { createPredictor as createOnNode } from "@predikt/node";
import { afterEach, expect, it } from "vitest";
import { codeOf, end, ended, gated, held, input, lookupModel, mixingModel, outputsOf, serve, times } from "./contract-site.ts";
import { message } from "./scenarios/oip.ts";
import { floats } from "./scenarios/scenario.ts";
import { type Got, json, oneSocket, send, start } from "./send.ts";
import { until } from "./until.ts";

// The contract that a server of models is held to, one test for each line of it, over real sockets. Most ask by the Open Inference Protocol.

afterEach(end);

it("ready only after every required model is loaded and warm; live independent; draining: ready 503, in-flight finishes, new 503 with Retry-After", async () => {
  const registry = createRegistry();
  ended.push(() => registry.close());
  const first = gated("1", 2);
  const { ask, served } = await serve(registry);
  const loading = registry.setVersions("m", [first]);
  expect((await ask("/v2/health/live")).status).toBe(200);
  expect((await ask("/v2/health/ready")).status).toBe(503);
  expect(json(await ask("/v2/health/ready"))).toMatchObject({ live: true, ready: false, code: "NOT_READY" });
  expect((await ask("/v2/models/m/ready")).status).toBe(503);
  expect((await ask("/v2/models/m/infer", input(1))).status).toBe(503);
  first.go();
  await loading;
  expect(json(await ask("/v2/health/ready"))).toEqual({ live: true, ready: true });
  expect((await ask("/v2/models/m/ready")).status).toBe(200);

  const warming = fakeBackend();
  warming.hold(true);
  const open = async (): Promise<AnyPredictor> =>
    (await createPredictor({ name: "w", source: "m", backend: warming, example: { x: [[1]] } })) as AnyPredictor;
  const warm = registry.setVersions("w", [{ version: "1", open }]);
  await until(() => warming.runs.length > 0, "the warm-up");
  expect((await ask("/v2/health/ready")).status).toBe(503);
  expect((await ask("/v2/models/w/ready")).status).toBe(503);
  expect((await ask("/v2/models/m/ready")).status).toBe(200);
  warming.hold(false);
  warming.release();
  await warm;
  expect((await ask("/v2/health/ready")).status).toBe(200);

  const { backend, predictor } = await held();
  const draining = await serve([predictor]);
  backend.hold(true);
  const before = backend.runs.length;
  const running = draining.ask("/v2/models/m/infer", input(3));
  await until(() => backend.runs.length > before, "the run");
  // Opened before it drains: a server that closes takes no new connections.
  const agents = [oneSocket(), oneSocket(), oneSocket()] as const;
  ended.push(() => agents.forEach((agent) => void agent.destroy()));
  await Promise.all(agents.map((agent) => send(draining.served.origin, { path: "/api/v2/health/live" }, agent)));
  const closed = draining.served.close();
  const asks = [{ path: "/api/v2/health/ready" }, { path: "/api/v2/models/m/infer", body: input(1) }, { path: "/api/v2/health/live" }];
  const [ready, refused, live] = await Promise.all(asks.map((each, i) => send(draining.served.origin, each, agents[i as 0])));
  expect([ready?.status, refused?.status, live?.status]).toEqual([503, 503, 200]);
  expect(refused?.headers["retry-after"]).toMatch(/^\d+$/);
  backend.release();
  expect(outputsOf(await running)).toMatchObject([{ data: [6] }]);
  await closed;
  await served.close();
});

it("queue bounded: 429 past it; deadline 504; client gone: no work; priority 1 is highest", async () => {
  const { backend, predictor } = await held({ queueLimit: 3, batching: false });
  const { ask, served } = await serve([predictor]);
  backend.hold(true);
  const before = backend.runs.length;
  const queued = (count: number): Promise<void> => until(() => predictor.stats().queued === count, `a queue of ${count}`);
  const infer = (value: number, parameters: object = {}): Promise<Got> => ask("/v2/models/m/infer", { ...input(value), parameters });
  const running = infer(1);
  await until(() => backend.runs.length > before, "the run");
  const low = infer(2, { priority: 3 });
  await queued(1);
  const normal = infer(3, { priority: 2 });
  await queued(2);
  const high = infer(4, { priority: 1 });
  await queued(3);
  const full = await infer(5);
  expect([full.status, codeOf(full)]).toEqual([429, "QUEUE_FULL"]);
  expect(full.headers["retry-after"]).toMatch(/^\d+$/);
  backend.hold(false);
  backend.release();
  expect((await Promise.all([running, low, normal, high])).map(({ status }) => status)).toEqual([200, 200, 200, 200]);

  backend.hold(true);
  const at = backend.runs.length;
  const busy = infer(6);
  await until(() => backend.runs.length > at, "the run");
  const late = await infer(7, { timeout: 5000 });
  expect([late.status, codeOf(late)]).toEqual([504, "DEADLINE_EXCEEDED"]);
  const agent = oneSocket();
  const gone = start(served.origin, { path: "/api/v2/models/m/infer", body: input(8) }, agent);
  gone.on("error", () => {});
  await queued(1);
  gone.destroy();
  agent.destroy();
  await queued(0);
  backend.hold(false);
  backend.release();
  await busy;
  expect(backend.runs.slice(before).map(({ feeds }) => feeds["x"]?.data[0])).toEqual([1, 4, 3, 2, 6]);
});

it("unknown model 404; version not ready 503; wrong method 405 with Allow; oversize 413; malformed 400; all with an error text", async () => {
  const registry = createRegistry();
  ended.push(() => registry.close());
  const [one, two] = [gated("1", 2), gated("2", 3)];
  one.go();
  const loading = registry.setVersions("m", [one, two], { policy: "all" });
  await until(() => registry.list().length === 1, "version 1");
  const { ask } = await serve(registry, { limits: { jsonBytes: 1000, binaryBytes: 1000 } });
  const refused = [
    [404, await ask("/v2/models/nobody/infer", input(1))],
    [404, await ask("/v2/models/m/versions/9/infer", input(1))],
    [404, await ask("/v1/models/nobody:predict", { instances: [[1]] })],
    [503, await ask("/v2/models/m/versions/2/infer", input(1))],
    [503, await ask("/v2/models/m/versions/2/ready")],
    [405, await ask("/v2/models/m/infer")],
    [405, await ask("/v2/health/ready", "")],
    [413, await ask("/v2/models/m/infer", input(...Array(500).fill(1)))],
    [413, await ask("/v2/models/m/infer", new Uint8Array(1001), { "inference-header-content-length": "0" })],
    [400, await ask("/v2/models/m/infer", "{")],
    [400, await ask("/v2/models/m/infer", { inputs: [{ name: "x" }] })],
    [400, await ask("/v1/models/m:predict", { instances: "x" })],
  ] as const;
  for (const [status, got] of refused) {
    expect(got.status, got.body.toString()).toBe(status);
    expect(json(got)).toMatchObject({ error: expect.any(String) });
    if (status === 405) expect(got.headers["allow"]).toMatch(/GET|POST/);
  }
  expect(outputsOf(await ask("/v2/models/m/infer", input(1)))).toMatchObject([{ data: [2] }]);
  two.go();
  await loading;

  // What only the runtime can find: no signature says how long a table is.
  const lookup = (await createOnNode({ name: "lookup", source: lookupModel(), device: "cpu", execution: "inline" })) as AnyPredictor;
  ended.push(() => lookup.close());
  const real = await serve([lookup]);
  const at = (index: number): object => ({ inputs: [{ name: "i", datatype: "INT64", shape: [1], data: [index] }] });
  const outside = await real.ask("/v2/models/lookup/infer", at(3));
  expect([outside.status, codeOf(outside)]).toEqual([400, "INPUT_VALUE"]);
  expect(outputsOf(await real.ask("/v2/models/lookup/infer", at(2)))).toMatchObject([{ data: [30] }]);
});

it("id echoed where given; outputs in the order wanted; a subset honoured though others in the batch want another", async () => {
  const signature: Signature = {
    inputs: [{ name: "x", dtype: "float32", shape: ["batch", 1] }],
    outputs: ["sum", "twice", "minus"].map((name) => ({ name, dtype: "float32", shape: ["batch", 1] })),
  };
  const compute = ({ x }: Tensors): Tensors => ({
    sum: times(x as Tensor, 1),
    twice: times(x as Tensor, 2),
    minus: times(x as Tensor, -1),
  });
  const { backend, predictor } = await held({ signature, compute, batching: { maxBatchSize: 8 } });
  const { ask } = await serve([predictor]);
  backend.hold(true);
  const before = backend.runs.length;
  const wants = [undefined, ["minus"], ["twice", "sum"], ["sum", "minus", "twice"], []];
  const asked = [ask("/v2/models/m/infer", input(9))];
  await until(() => backend.runs.length > before, "the run");
  for (const [i, names] of wants.entries()) {
    const outputs = names?.map((name) => ({ name }));
    asked.push(ask("/v2/models/m/infer", { ...(i === 1 ? { id: "mine" } : {}), ...input(i), ...(outputs ? { outputs } : {}) }));
  }
  await until(() => predictor.stats().queued === wants.length, "the queue");
  backend.hold(false);
  backend.release();
  const got = await Promise.all(asked);
  expect(backend.runs.length - before, "all but the first share a run").toBe(2);
  const factor: Record<string, number> = { sum: 1, twice: 2, minus: -1 };
  for (const [i, names] of wants.entries()) {
    const reply = got[i + 1] as Got;
    expect(outputsOf(reply).map(({ name, data }) => [name, data])).toEqual(
      (names?.length ? names : ["sum", "twice", "minus"]).map((name) => [name, [i * (factor[name] as number) + 0]]),
    );
    expect("id" in (json(reply) as object)).toBe(i === 1);
  }
  expect(json(got[2] as Got)).toMatchObject({ id: "mine" });
});

it("binary: JSON and binary inputs mixed, no elements, an empty list of outputs, any offset, BYTES with U+0000, header 0, a header past the body, gzip", async () => {
  const signature: Signature = {
    inputs: [
      { name: "a", dtype: "float64", shape: ["batch"] },
      { name: "b", dtype: "string", shape: ["batch"] },
    ],
    outputs: [
      { name: "a", dtype: "float64", shape: ["batch"] },
      { name: "b", dtype: "string", shape: ["batch"] },
    ],
  };
  const { predictor } = await held({ signature, compute: (feeds) => feeds });
  const single = (await createPredictor({
    name: "one",
    source: "m",
    backend: fakeBackend(),
  })) as AnyPredictor;
  const { ask } = await serve([predictor, single]);
  const b = { name: "b", datatype: "BYTES", shape: [2], data: ["x\0y", ""] };
  const doubles = Buffer.from(Float64Array.of(Number.NaN, -0).buffer);
  const a = { name: "a", datatype: "FP64", shape: [2], parameters: { binary_data_size: 16 } };
  const text = Buffer.from([3, 0, 0, 0, 120, 0, 121, 0, 0, 0, 0]);
  const bytes = { name: "b", datatype: "BYTES", shape: [2], parameters: { binary_data_size: text.length } };
  // Binary text before the doubles, and an id of every length: they lie at each offset.
  for (let length = 1; length <= 8; length++) {
    const id = "i".repeat(length);
    const sent = message({ id, inputs: [bytes, a], outputs: [], parameters: { binary_data_output: true } }, text, doubles);
    for (const zip of [false, true]) {
      const got = await ask("/v2/models/m/infer", zip ? gzipSync(sent.body) : sent.body, {
        ...sent.headers,
        ...(zip ? { "content-encoding": "gzip" } : {}),
      });
      const head = Number(got.headers["inference-header-content-length"]);
      expect(head % 8).toBe(0);
      expect(JSON.parse(got.body.subarray(0, head).toString())).toEqual({ id, model_name: "m", model_version: "1", outputs: [a, bytes] });
      expect(Buffer.compare(got.body.subarray(head), Buffer.concat([doubles, text]))).toBe(0);
    }
  }
  const mixed = message({ inputs: [a, b], outputs: [{ name: "b" }, { name: "a", parameters: { binary_data: true } }] }, doubles);
  const got = await ask("/v2/models/m/infer", mixed.body, mixed.headers);
  const head = Number(got.headers["inference-header-content-length"]);
  expect(JSON.parse(got.body.subarray(0, head).toString()).outputs).toEqual([b, a]);
  expect(Buffer.compare(got.body.subarray(head), doubles)).toBe(0);

  const none = message({ inputs: [{ name: "x", datatype: "FP32", shape: [0, 1], parameters: { binary_data_size: 0 } }] });
  expect(outputsOf(await ask("/v2/models/one/infer", none.body, none.headers))).toMatchObject([{ shape: [0, 1], data: [] }]);
  const raw = await ask("/v2/models/one/infer", floats(1.5), { "inference-header-content-length": "0" });
  expect(new Float32Array(new Uint8Array(raw.body.subarray(-4)).buffer)).toEqual(Float32Array.of(3));
  for (const length of ["1000000", "-1", "two"]) {
    const past = await ask("/v2/models/one/infer", none.body, { "inference-header-content-length": length });
    expect([past.status, codeOf(past)]).toEqual([400, "INPUT_VALUE"]);
  }
});

it("a failed reload leaves the old version; loads and unloads of one model follow one another; no label points at what is not there", async () => {
  const registry = createRegistry();
  ended.push(() => registry.close());
  let opened = 0;
  const openNow = new Set<string>();
  let overlapped = false;
  let broken = false;
  const source = (version: string): VersionSource => ({
    version,
    open: async () => {
      overlapped ||= openNow.has(version);
      openNow.add(version);
      await new Promise((resolve) => setImmediate(resolve));
      openNow.delete(version);
      opened++;
      if (broken) throw new Error("the file is half a file");
      return (await createPredictor({ name: "m", version, source: "m", backend: fakeBackend() })) as AnyPredictor;
    },
  });
  await registry.setVersions("m", [source("1")], { labels: { stable: "1" } });
  const { ask } = await serve(registry, { control: true });
  const change = (what: "load" | "unload"): Promise<Got> => ask(`/v2/repository/models/m/${what}`, "");
  const answers = async (): Promise<number> => (await ask("/v2/models/m/infer", input(1))).status;

  broken = true;
  expect((await change("load")).status).toBeGreaterThanOrEqual(400);
  expect(await answers()).toBe(200);
  await registry.setVersions("m", [source("1"), source("2")]).catch(() => {});
  expect(await answers()).toBe(200);
  const index = json(await ask("/v2/repository/index", "")) as { version: string; state: string; reason: string }[];
  expect(index.map(({ version, state }) => [version, state])).toEqual(expect.arrayContaining([["1", "READY"]]));
  expect(() => registry.configure("m", { labels: { stable: "2" } })).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));

  broken = false;
  const before = opened;
  const changed = await Promise.all([change("load"), change("unload"), change("load"), change("unload"), change("load")]);
  expect(changed.filter(({ status }) => status >= 500 && status !== 503)).toEqual([]);
  expect(opened).toBeGreaterThan(before);
  expect(overlapped).toBe(false);
  expect((await change("unload")).status).toBe(200);
  expect(await answers()).toBe(503);
  expect((await change("load")).status).toBe(200);
  expect(await answers()).toBe(200);
});

it("no answer depends on its batch mates, and an error or an abort of one never changes another", async () => {
  const predictor = (await createOnNode({
    name: "m",
    source: mixingModel(),
    device: "cpu",
    batching: { maxBatchSize: 16 },
  })) as AnyPredictor;
  ended.push(() => predictor.close());
  const { ask, served } = await serve([predictor]);
  const infer = (data: readonly number[], name = "x"): object => ({
    inputs: [{ name, datatype: "FP32", shape: [data.length / 8, 8], data }],
  });
  const alone = async (data: readonly number[]): Promise<number[]> =>
    (outputsOf(await ask("/v2/models/m/infer", infer(data)))[0] as { data: number[] }).data;
  const requests = Array.from({ length: 24 }, (_, i) => Array.from({ length: 8 }, (_each, j) => 3 * Math.sin(8 * i + j)));
  const expected: number[][] = [];
  for (const data of requests) expected.push(await alone(data));
  const agent = oneSocket();
  const together = requests.map((data, i) => {
    if (i % 8 === 3) void ask("/v2/models/m/infer", infer(data, "wrong"));
    if (i % 8 === 5) {
      const gone = start(served.origin, { path: "/api/v2/models/m/infer", body: infer(data) }, agent);
      gone.on("error", () => {});
      setImmediate(() => gone.destroy());
    }
    return alone(data);
  });
  for (const [i, got] of (await Promise.all(together)).entries())
    for (const [j, number] of got.entries()) expect(Math.abs(number - (expected[i]?.[j] as number))).toBeLessThan(1e-6);
  agent.destroy();
});
