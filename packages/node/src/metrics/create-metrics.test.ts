import { AccessError, createPredictor, defineModel, numbers, tensor } from "@predikt/core";
import { createRegistry, type VersionSource } from "@predikt/core/registry";
import { type AnyPredictor, type ModelResolver, type ServedModel, toFetchHandler } from "@predikt/core/serving";
import { FakeClock, fakeBackend } from "@predikt/core/testing";
import { Counter, Registry } from "prom-client";
import { afterEach, describe, expect, it } from "vitest";
import { complaints, hasPromtool } from "../../test/promtool.ts";
import { createMetrics, type Metrics, mergeMetrics, metricsOfAll } from "./index.ts";

const double = defineModel({
  name: "double",
  input: numbers({ length: 1 }),
  output: numbers({ length: 1 }),
  encode: (x) => ({ x: tensor("float32", x, [1, 1]) }),
  decode: ({ y }) => {
    if (y?.data[0] === 26) throw new Error("unlucky");
    return y?.data as Float32Array;
  },
  example: [3],
});

const open: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function predictorOf(options: object = {}, backend = fakeBackend()): Promise<AnyPredictor> {
  const predictor = (await createPredictor(double, { source: "m", backend, batching: { maxBatchSize: 4 }, ...options })) as AnyPredictor;
  open.push(predictor);
  return predictor;
}

async function metricsOf(options: object = {}): Promise<Metrics> {
  const metrics = await createMetrics(options);
  open.push(metrics);
  return metrics;
}

/** A resolver whose list changes. */
function changing(): ModelResolver & { set(models: readonly ServedModel[]): void } {
  let models: readonly ServedModel[] = [];
  const listeners = new Set<() => void>();
  return {
    resolve: (name) => models.find((model) => model.name === name)?.predictor as AnyPredictor,
    list: () => models,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    index: () => [
      { name: "double", version: "9", state: "UNAVAILABLE", reason: "no such file", labels: [] },
      { name: "double", version: "8", state: "UNAVAILABLE", reason: "unloaded", labels: [] },
    ],
    traffic: () => ({
      split: [],
      versions: [{ version: "1", weight: 0.9, requests: 3, errors: 0, p50Ms: 1, p95Ms: 2 }],
      shadow: { version: "2", compared: 7, dropped: 1, failed: 0, agreement: 0.5, meanAbsoluteDifference: 0, latencyRatio: 1 },
      rollbacks: [],
    }),
    set(next) {
      models = next;
      for (const listener of listeners) listener();
    },
  };
}

const served = (predictor: AnyPredictor, version = "1", labels: readonly string[] = []): ServedModel => ({
  name: "double",
  version,
  labels,
  predictor,
});
const at = 'model="double",version="1"';

describe("createMetrics", () => {
  it("counts predictions by how they ended, and by whose fault", async () => {
    const backend = fakeBackend();
    const predictor = await predictorOf({ queueLimit: 1 }, backend);
    const metrics = await metricsOf();
    metrics.watch({ resolve: () => predictor, list: () => [served(predictor)] });
    await predictor.predict([1]);
    await expect(predictor.predict([13])).rejects.toThrow();
    await expect(predictor.predict("1")).rejects.toThrow();
    backend.hold(true);
    const running = predictor.predict([2]);
    await Promise.resolve();
    const abort = new AbortController();
    const waiting = predictor.predict([2], { signal: abort.signal });
    await expect(predictor.predict([2])).rejects.toMatchObject({ code: "QUEUE_FULL" });
    const text = await metrics.render();
    expect(text).toContain(`predikt_inflight{${at}} 2\n`);
    expect(text).toContain(`predikt_queue_depth{${at}} 1\n`);
    abort.abort();
    await expect(waiting).rejects.toThrow();
    backend.hold(false);
    backend.release();
    await running;
    const after = await metrics.render();
    for (const [outcome, count] of Object.entries({ succeeded: 2, failed: 1, invalid: 1, aborted: 1, rejected: 1 }))
      expect(after).toContain(`predikt_requests_total{${at},outcome="${outcome}"} ${count}\n`);
    expect(after).toContain(`predikt_rejected_total{${at},reason="QUEUE_FULL"} 1\n`);
    expect(after).toContain(`predikt_cancelled_total{${at},stage="queue"} 1\n`);
    expect(after).toContain(`predikt_run_duration_seconds_count{${at}} 2\n`);
    expect(after).toContain(`predikt_inflight{${at}} 0\n`);
    expect(after).toMatch(/predikt_model_load_seconds\{model="double",version="1"\} \d/);
    expect(after).toContain(`predikt_model_info{${at},device="cpu",execution="inline",backend="fake"} 1\n`);
  });

  it("says how many rows ran together, and why no more joined", async () => {
    const backend = fakeBackend({ signature: shaped("rows") });
    const predictor = (await createPredictor({
      name: "double",
      source: "m",
      backend,
      example: { x: tensor("float32", [1, 2], [1, 2]) },
      batching: { maxBatchSize: 4 },
    })) as AnyPredictor;
    open.push(predictor);
    const metrics = await metricsOf();
    metrics.watch({ resolve: () => predictor, list: () => [served(predictor)] });
    const run = (columns: number): Promise<unknown> => predictor.predict({ x: tensor("float32", new Float32Array(columns), [1, columns]) });
    await Promise.all([1, 1, 1, 1, 1].map(run));
    await Promise.all([1, 2].map(run));
    const text = await metrics.render();
    expect(text).toContain(`predikt_batch_close_reason_total{${at},reason="full"} 1\n`);
    expect(text).toContain(`predikt_batch_close_reason_total{${at},reason="idle"} 2\n`);
    expect(text).toContain(`predikt_batch_close_reason_total{${at},reason="shape"} 1\n`);
    expect(text).toContain(`predikt_batch_rows_sum{${at}} 7\n`);
    expect(text).toContain(`predikt_batch_rows_bucket{le="1",${at}} 3\n`);
  });

  it("tells a part-filled batch that has waited for company from one that an idle session took", async () => {
    const [clock, backend] = [new FakeClock(), fakeBackend({ concurrency: 2 })];
    await clock.advance(1);
    const predictor = await predictorOf({ clock, batching: { maxBatchSize: 4, maxDelayMs: 10 } }, backend);
    const metrics = await metricsOf();
    metrics.watch({ resolve: () => predictor, list: () => [served(predictor)] });
    backend.hold(true);
    const first = predictor.predict([1]);
    await clock.advance(0);
    const second = predictor.predict([1]);
    await clock.advance(10);
    backend.release();
    await Promise.all([first, second]);
    const text = await metrics.render();
    expect(text).toContain(`predikt_batch_close_reason_total{${at},reason="idle"} 1\n`);
    expect(text).toContain(`predikt_batch_close_reason_total{${at},reason="deadline"} 1\n`);
    expect(text).toContain(`predikt_queue_duration_seconds_sum{${at}} 0.01\n`);
  });

  it("follows versions that come and go, and shows one that went once more", async () => {
    const [one, two] = await Promise.all([predictorOf(), predictorOf({ version: "2" })]);
    const resolver = changing();
    const metrics = await metricsOf();
    metrics.watch(resolver);
    resolver.set([served(one, "1", ["stable"])]);
    await one.predict([1]);
    resolver.set([served(one, "1", ["stable"]), served(two, "2", ["canary"])]);
    await two.predict([1]);
    const both = await metrics.render();
    expect(both).toContain(`predikt_model_label{${at},label="stable"} 1\n`);
    expect(both).toContain('predikt_model_label{model="double",version="2",label="canary"} 1\n');
    expect(both).toContain('predikt_model_state{model="double",version="9",state="unavailable"} 1\n');
    expect(both).toContain('predikt_model_load_failed{model="double",version="9"} 1\n');
    expect(both).not.toContain('predikt_model_load_failed{model="double",version="8"}');
    expect(both).toContain(`predikt_traffic_weight_ratio{${at}} 0.9\n`);
    expect(both).toContain('predikt_shadow_agreement_ratio{model="double",version="2"} 0.5\n');
    // Its drain is still counted.
    resolver.set([served(two, "2", ["stable"])]);
    await one.predict([1]);
    const last = await metrics.render();
    expect(last).toContain(`predikt_requests_total{${at},outcome="succeeded"} 2\n`);
    expect(last).not.toContain(`predikt_model_label{${at}`);
    const next = await metrics.render();
    expect(next.split("\n").filter((line) => line.includes(at) && !line.startsWith("predikt_traffic"))).toEqual([]);
    expect(next).toContain('predikt_requests_total{model="double",version="2",outcome="succeeded"} 1\n');
  });

  it("adds up a version that is opened anew under its name", async () => {
    const [old, fresh] = await Promise.all([predictorOf(), predictorOf()]);
    const resolver = changing();
    const metrics = await metricsOf();
    metrics.watch(resolver);
    resolver.set([served(old)]);
    await old.predict([1]);
    resolver.set([served(fresh)]);
    await fresh.predict([1]);
    for (let scrape = 0; scrape < 3; scrape++)
      expect(await metrics.render()).toContain(`predikt_requests_total{${at},outcome="succeeded"} 2\n`);
  });

  it("begins outcomes at 0, so that a first failure is an increase, and says what runs a version now", async () => {
    const predictor = await predictorOf();
    let device = "cuda";
    const moving = new Proxy(predictor, {
      get(target, key) {
        if (key === "info") return { ...target.info, device };
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const metrics = await metricsOf();
    metrics.watch({ resolve: () => moving, list: () => [served(moving)] });
    const text = await metrics.render();
    for (const outcome of ["succeeded", "invalid", "rejected", "aborted", "expired", "failed"])
      expect(text).toContain(`predikt_requests_total{${at},outcome="${outcome}"} 0\n`);
    expect(text).toContain(`predikt_rejected_total{${at},reason="QUEUE_FULL"} 0\n`);
    expect(text).toContain(`predikt_model_info{${at},device="cuda",`);
    device = "cpu";
    expect((await metrics.render()).match(/predikt_model_info\{.*/g)).toEqual([
      `predikt_model_info{${at},device="cpu",execution="inline",backend="fake"} 1`,
    ]);
  });

  it("bounds what nobody scrapes", async () => {
    const resolver = changing();
    const metrics = await metricsOf();
    metrics.watch(resolver);
    for (let version = 0; version < 40; version++) resolver.set([served(await predictorOf(), String(version))]);
    const text = await metrics.render();
    expect(text.match(/predikt_model_info\{/g)).toHaveLength(33);
  });

  it("does not count twice what is served in two places", async () => {
    const predictor = await predictorOf();
    const metrics = await metricsOf();
    const handlers = ["a", "b"].map((prefix) => toFetchHandler({ models: [predictor], metrics, prefix }));
    await predictor.predict([1]);
    await handlers[0]?.close();
    await predictor.predict([1]);
    expect(await metrics.render()).toContain(`predikt_requests_total{${at},outcome="succeeded"} 2\n`);
    await handlers[1]?.close();
  });

  it("is served, and counts requests by route; a path's model is no label", async () => {
    const metrics = await metricsOf();
    const handler = toFetchHandler({
      models: [await predictorOf()],
      metrics,
      access: ({ operation, header }) => {
        if (operation === "predict" && header("authorization") === undefined) throw new AccessError("UNAUTHENTICATED", "who is it?");
        return undefined;
      },
    });
    await handler(new Request("http://h.test/predict/<secret>", { method: "POST", body: "{}", headers: { authorization: "a" } }));
    await handler(new Request("http://h.test/predict", { method: "POST", body: "{}" }));
    await handler(new Request("http://h.test/nowhere"));
    const reply = await handler(new Request("http://h.test/metrics"));
    expect([reply.status, reply.headers.get("content-type")]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
    const text = await reply.text();
    expect(text).toContain('predikt_http_requests_total{route="predict",status="404"} 1\n');
    expect(text).toContain('predikt_http_requests_total{route="unknown",status="404"} 1\n');
    expect(text).toContain('predikt_http_rejected_total{reason="UNAUTHENTICATED"} 1\n');
    expect(text).not.toContain("secret");
    await handler.close();
    expect((await toFetchHandler({ models: [] })(new Request("http://h.test/metrics"))).status).toBe(404);
  });

  it("goes into the application's registry, beside what is there, and out of it again", async () => {
    const registry = new Registry();
    const own = new Counter({ name: "process_cpu_seconds_total", help: "the application's own", registers: [registry] });
    own.inc(7);
    const metrics = await createMetrics({ registry, prefix: "ml_" });
    await expect(createMetrics({ registry, prefix: "ml_" })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(createMetrics({ prefix: "a b" })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    const text = await registry.metrics();
    expect(text).toContain("process_cpu_seconds_total 7\n");
    expect(text).toMatch(/^ml_event_loop_lag_seconds\{stat="p99"\} \d/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d{6}/m);
    metrics.close();
    expect(await registry.metrics()).toBe(
      "# HELP process_cpu_seconds_total the application's own\n# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 7\n",
    );
  });

  it("adds up what several processes have measured", async () => {
    const parts: unknown[] = [];
    for (const calls of [1, 2]) {
      const metrics = await metricsOf();
      const predictor = await predictorOf();
      const stop = metrics.watch({ resolve: () => predictor, list: () => [served(predictor)] });
      for (let i = 0; i < calls; i++) await predictor.predict([1]);
      parts.push(JSON.parse(JSON.stringify(await metrics.collect())));
      stop();
    }
    const text = await mergeMetrics([...parts, undefined]);
    expect(text).toContain(`predikt_requests_total{${at},outcome="succeeded"} 3\n`);
    expect(text).toContain(`predikt_batch_rows_count{${at}} 3\n`);
    expect(text.match(/^predikt_event_loop_lag_seconds\{stat="max"\}/gm)).toHaveLength(1);
    const source = metricsOfAll(await metricsOf(), async () => parts);
    expect(await source.render()).toContain(`predikt_requests_total{${at},outcome="succeeded"} 3\n`);
    if (hasPromtool) expect(await complaints(text)).toBe("");
  });

  it.skipIf(!hasPromtool)(
    "a registry's scrape passes promtool, errors and all, and does not grow with the versions (needs promtool: scripts/tools)",
    async () => {
      const registry = createRegistry();
      open.push(registry);
      const version = (number: number, broken = false): VersionSource => ({
        version: String(number),
        open: () => (broken ? Promise.reject(new Error("no such file")) : predictorOf({ version: String(number) })),
      });
      await registry.setVersions("double", [version(1), version(2), version(3, true)], { policy: "all" }).catch(() => {});
      registry.configure("double", {
        labels: { stable: "1", canary: "2" },
        traffic: {
          split: [
            { label: "stable", weight: 9 },
            { label: "canary", weight: 1 },
          ],
        },
        shadow: { version: "2" },
      });
      const metrics = await metricsOf();
      const handler = toFetchHandler({ models: registry, metrics, default: "double" });
      const ask = async (path: string, body?: string): Promise<string> => {
        const init = body === undefined ? {} : { method: "POST", body, headers: { "content-type": "application/json" } };
        return (await handler(new Request(`http://h.test${path}`, init))).text();
      };
      for (const input of ["[1]", "[13]", '["1"]', "{"]) await ask("/predict", input);
      for (const path of ["/predict/double/versions/2", "/v1/models/double:predict", "/v2/models/double/infer"]) await ask(path, "[1]");
      for (const path of ["/nowhere", "/health/ready", "/v2/models/double/versions/9"]) await ask(path);
      const text = await ask("/metrics");
      for (const state of ['{model="double",version="2",state="ready"}', '{model="double",version="3",state="unavailable"}'])
        expect(text).toContain(`predikt_model_state${state} 1\n`);
      expect(text).toContain(`predikt_traffic_weight_ratio{${at}} 0.9\n`);
      expect(await complaints(text)).toBe("");
      expect(await complaints(`${text}# HELP wrong_total a gauge\n# TYPE wrong_total gauge\nwrong_total 1\n`)).toContain("wrong_total");

      registry.configure("double", { policy: { latest: 1 }, labels: null, traffic: null, shadow: null });
      const sizes: number[] = [];
      for (let number = 10; number < 20; number++) {
        await registry.setVersions("double", [version(number)]);
        await ask("/predict", "[1]");
        sizes.push((await ask("/metrics")).split("\n").length);
      }
      expect(new Set(sizes.slice(2)).size).toBe(1);
      await handler.close();
    },
  );
});

function shaped(first: string): NonNullable<Parameters<typeof fakeBackend>[0]>["signature"] {
  return {
    inputs: [{ name: "x", dtype: "float32", shape: [first, "columns"] }],
    outputs: [{ name: "y", dtype: "float32", shape: [first, "columns"] }],
  };
}
