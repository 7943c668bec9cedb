import { describe, expect, it } from "vitest";
import { z } from "zod";
import { DefinitionError, InputError, isPrediktError, LifecycleError, OverloadError, RemoteError } from "../errors/index.ts";
import { defineModel } from "../model/index.ts";
import { tensor } from "../tensor/index.ts";
import { FakeClock, settle } from "../testing/index.ts";
import type { Predictor, PredictorEvent } from "../types/index.ts";
import { httpPredictor } from "./http-predictor.ts";
import type { HttpPredictorOptions } from "./options.ts";

const double = defineModel({
  name: "double",
  input: z.object({ x: z.number() }),
  output: z.object({ y: z.number() }),
  encode: ({ x }) => ({ x: tensor("float32", [x], [1, 1]) }),
  decode: ({ y }) => ({ y: Number(y?.data[0]) }),
  example: { x: 3 },
});

/** One request that the fake server has seen. */
interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: unknown;
  readonly signal: AbortSignal | undefined;
}

type Answer = (seen: Seen) => Response | Promise<Response>;

/** A server in place of fetch: each request takes the next answer, the last one for ever. */
function server(...answers: readonly Answer[]): { readonly seen: Seen[]; readonly fetch: typeof globalThis.fetch } {
  const seen: Seen[] = [];
  const fetch = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const body = typeof init.body === "string" ? (JSON.parse(init.body) as unknown) : init.body;
    const one: Seen = {
      method: init.method ?? "GET",
      path: String(input).replace("https://s.test/api", ""),
      headers: Object.fromEntries(new Headers(init.headers)),
      body,
      signal: init.signal ?? undefined,
    };
    seen.push(one);
    const answer = answers[Math.min(seen.length, answers.length) - 1] as Answer;
    return Promise.race([answer(one), rejection(one.signal)]);
  };
  return { seen, fetch: fetch as typeof globalThis.fetch };
}

function rejection(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
}

const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  () =>
    new Response(JSON.stringify(body), { status, headers });

/** Doubles, singly and in batches. */
const doubling: Answer = ({ body }) => {
  const one = ({ x }: { x: number }): object => ({ y: 2 * x });
  return Response.json(Array.isArray(body) ? body.map((item) => ({ output: one(item) })) : one(body as { x: number }));
};

const never: Answer = () => new Promise(() => {});

function open(
  fetch: typeof globalThis.fetch,
  options: HttpPredictorOptions = {},
): { predictor: Predictor<{ x: number }, { y: number }>; clock: FakeClock } {
  const clock = new FakeClock();
  return { predictor: httpPredictor(double, "https://s.test/api/", { fetch, clock, ...options }), clock };
}

async function caught(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => "it resolved",
    (error: unknown) => error,
  );
}

describe("joining", () => {
  it("sends one call as itself and the calls of one tick as a batch", async () => {
    const { seen, fetch } = server(doubling);
    const { predictor } = open(fetch);
    expect(await predictor.predict({ x: 1 })).toEqual({ y: 2 });
    expect(await Promise.all([2, 3].map((x) => predictor.predict({ x })))).toEqual([{ y: 4 }, { y: 6 }]);
    expect(seen.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["POST", "/predict/double", { x: 1 }],
      ["POST", "/predict/double/batch", [{ x: 2 }, { x: 3 }]],
    ]);
    expect(seen[0]?.headers).toEqual({ accept: "application/json", "content-type": "application/json" });
  });

  it("joins only calls with the same options, and never one with a name of its own", async () => {
    const { seen, fetch } = server(doubling);
    const { predictor } = open(fetch);
    await Promise.all([
      predictor.predict({ x: 1 }),
      predictor.predict({ x: 2 }, { priority: "high" }),
      predictor.predict({ x: 3 }, { requestId: "r" }),
      predictor.predict({ x: 4 }),
      predictor.predict({ x: 5 }, { priority: "high" }),
      predictor.predict({ x: 6 }, { version: "2" }),
      predictor.predict({ x: 7 }, { label: "canary" }),
    ]);
    expect(seen.map(({ path, body, headers }) => [path, body, headers["x-predikt-priority"] ?? headers["x-request-id"]])).toEqual([
      ["/predict/double", { x: 3 }, "r"],
      ["/predict/double/batch", [{ x: 1 }, { x: 4 }], undefined],
      ["/predict/double/batch", [{ x: 2 }, { x: 5 }], "high"],
      ["/predict/double/versions/2", { x: 6 }, undefined],
      ["/predict/double/labels/canary", { x: 7 }, undefined],
    ]);
  });

  it("splits by items and by characters", async () => {
    const { seen, fetch } = server(doubling);
    const { predictor } = open(fetch, { batch: { maxItems: 2 } });
    await Promise.all([1, 2, 3].map((x) => predictor.predict({ x })));
    expect(seen.map(({ body }) => body)).toEqual([[{ x: 1 }, { x: 2 }], { x: 3 }]);
    const small = open(fetch, { batch: { maxChars: 15 } }).predictor;
    await Promise.all([1, 2, 3].map((x) => small.predict({ x })));
    expect(seen.slice(2).map(({ body }) => body)).toEqual([[{ x: 1 }, { x: 2 }], { x: 3 }]);
  });

  it("can be turned off, and is off for the server's default model", async () => {
    const { seen, fetch } = server(doubling);
    const { predictor } = open(fetch, { batch: { enabled: false } });
    await Promise.all([1, 2].map((x) => predictor.predict({ x })));
    const nameless = httpPredictor<{ x: number }, unknown>(undefined, "https://s.test/api", { fetch });
    await Promise.all([1, 2].map((x) => nameless.predict({ x })));
    expect(seen.map(({ path }) => path)).toEqual(["/predict/double", "/predict/double", "/predict", "/predict"]);
  });

  it("lets each item of a batch succeed or fail alone", async () => {
    const { fetch } = server(
      json([
        { output: { y: 1 } },
        { error: "no", code: "INPUT_DTYPE", issues: [{ path: "x", expected: "a", received: "b" }] },
        { other: 1 },
        { output: { y: "1" } },
      ]),
    );
    const { predictor } = open(fetch);
    const [a, b, c, d] = await predictor.predictMany([1, 2, 3, 4].map((x) => ({ x })));
    expect(a).toEqual({ status: "fulfilled", value: { y: 1 } });
    expect(b).toMatchObject({ status: "rejected", reason: { code: "INPUT_DTYPE", issues: [{ path: "x", expected: "a", received: "b" }] } });
    expect(c).toMatchObject({ status: "rejected", reason: { code: "REMOTE_PROTOCOL" } });
    expect(d).toMatchObject({ status: "rejected", reason: { code: "REMOTE_PROTOCOL", issues: [{ path: "y" }] } });
  });

  it("refuses a batch of the wrong length", async () => {
    const { predictor } = open(server(json([{ output: { y: 1 } }])).fetch);
    const settled = await predictor.predictMany([{ x: 1 }, { x: 2 }]);
    for (const each of settled) expect(each).toMatchObject({ status: "rejected", reason: { code: "REMOTE_PROTOCOL" } });
  });

  it("halves a batch that is too large until it fits", async () => {
    const { seen, fetch } = server((one) => {
      const few = !Array.isArray(one.body) || one.body.length <= 2;
      return few ? doubling(one) : json({ error: "large", code: "INPUT_TOO_LARGE" }, 413)(one);
    });
    const { predictor } = open(fetch);
    const xs = [1, 2, 3, 4, 5, 6, 7, 8];
    expect(await Promise.all(xs.map((x) => predictor.predict({ x })))).toEqual(xs.map((x) => ({ y: 2 * x })));
    expect(seen.map(({ body }) => (body as unknown[]).length)).toEqual([8, 4, 4, 2, 2, 2, 2]);
  });

  it("sends the items of a batch that is too large one by one", async () => {
    const tooLarge = json({ error: "large", code: "INPUT_TOO_LARGE" }, 413);
    const { seen, fetch } = server(tooLarge, doubling, tooLarge);
    const { predictor } = open(fetch);
    expect(await predictor.predictMany([{ x: 1 }, { x: 2 }])).toMatchObject([{ value: { y: 2 } }, { reason: { code: "INPUT_TOO_LARGE" } }]);
    expect(seen).toHaveLength(3);
  });
});

describe("aborts and time limits", () => {
  it("rejects with the signal's own reason, and leaves the others of the batch alone", async () => {
    let answer: (response: Response) => void = () => {};
    const { seen, fetch } = server(() => new Promise((resolve) => (answer = resolve)));
    const { predictor } = open(fetch);
    const abort = new AbortController();
    const calls = [predictor.predict({ x: 1 }, { signal: abort.signal }), predictor.predict({ x: 2 })] as const;
    const first = caught(calls[0]);
    await settle();
    const reason = { my: "reason" };
    abort.abort(reason);
    expect(await first).toBe(reason);
    expect(seen[0]?.signal?.aborted).toBe(false);
    answer(Response.json([{ output: { y: 2 } }, { output: { y: 4 } }]));
    expect(await calls[1]).toEqual({ y: 4 });
    expect(predictor.stats()).toMatchObject({ requests: 2, succeeded: 1, aborted: 1, failed: 0 });
  });

  it("aborts the request once all its calls are aborted, and tries no more", async () => {
    const { seen, fetch } = server(never);
    const { predictor, clock } = open(fetch);
    const abort = new AbortController();
    const calls = Promise.all([1, 2].map((x) => caught(predictor.predict({ x }, { signal: abort.signal }))));
    await settle();
    abort.abort();
    await calls;
    expect(seen[0]?.signal?.aborted).toBe(true);
    await clock.advance(60_000);
    expect(seen).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it("sends nothing for a call aborted before or in its own tick", async () => {
    const { seen, fetch } = server(doubling);
    const { predictor } = open(fetch);
    expect(await caught(predictor.predict({ x: 1 }, { signal: AbortSignal.abort("before") }))).toBe("before");
    const abort = new AbortController();
    const call = caught(predictor.predict({ x: 1 }, { signal: abort.signal }));
    abort.abort("meanwhile");
    expect(await call).toBe("meanwhile");
    await settle();
    expect(seen).toEqual([]);
    expect(predictor.stats()).toMatchObject({ requests: 2, aborted: 2, runs: 0 });
  });

  it("ends at its time limit, whichever attempt is under way, and says what is left of it", async () => {
    const { seen, fetch } = server(json({ error: "full", code: "QUEUE_FULL" }, 429, { "retry-after": "1" }), never);
    const { predictor, clock } = open(fetch, { timeoutMs: 2500 });
    const call = caught(predictor.predict({ x: 1 }));
    await clock.advance(1200);
    expect(seen.map(({ headers }) => headers["x-predikt-timeout-ms"])).toEqual(["2500", "1500"]);
    await clock.advance(1300);
    expect(await call).toMatchObject({ code: "DEADLINE_EXCEEDED", details: { timeoutMs: 2500 } });
    expect(seen[1]?.signal?.aborted).toBe(true);
    expect(predictor.stats()).toMatchObject({ expired: 1, runs: 2 });
  });
});

describe("retries", () => {
  const full = json({ error: "full", code: "QUEUE_FULL", details: { queueLimit: 1 } }, 429);

  it("waits longer from attempt to attempt, at random, and gives up after as many as it may", async () => {
    const { random } = Math;
    Math.random = () => 0.5;
    const { seen, fetch } = server(full);
    const { predictor, clock } = open(fetch, { retries: 3 });
    const call = caught(predictor.predict({ x: 1 }));
    const counts: number[] = [];
    for (const ms of [0, 49, 1, 99, 1, 199, 1, 100_000]) {
      await clock.advance(ms);
      counts.push(seen.length);
    }
    expect(counts).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
    Math.random = random;
    const error = await call;
    expect(error).toBeInstanceOf(OverloadError);
    expect(error).toMatchObject({ code: "QUEUE_FULL", details: { queueLimit: 1 } });
    expect(clock.pending).toBe(0);
  });

  it("waits no less than Retry-After, and not at all where that is too long", async () => {
    const { seen, fetch } = server(json({}, 503, { "retry-after": "3" }), doubling, json({}, 503, { "retry-after": "11" }));
    const { predictor, clock } = open(fetch);
    const call = predictor.predict({ x: 1 });
    await clock.advance(2999);
    expect(seen).toHaveLength(1);
    await clock.advance(1);
    expect(await call).toEqual({ y: 2 });
    expect(await caught(predictor.predict({ x: 1 }))).toMatchObject({ code: "REMOTE_STATUS", details: { status: 503 } });
    expect(clock.pending).toBe(0);
  });

  it("waits as long as an item of a batch asks", async () => {
    const item = { error: "full", code: "QUEUE_FULL", details: { retryAfterMs: 2000 } };
    const { seen, fetch } = server(json([{ output: { y: 2 } }, item]), doubling);
    const { predictor, clock } = open(fetch);
    const calls = Promise.all([1, 2].map((x) => predictor.predict({ x })));
    await clock.advance(1999);
    expect(seen).toHaveLength(1);
    await clock.advance(1);
    expect(await calls).toEqual([{ y: 2 }, { y: 4 }]);
  });

  it("does not start a wait that its time limit would cut", async () => {
    const { fetch } = server(json({ error: "full", code: "QUEUE_FULL" }, 429, { "retry-after": "2" }));
    const { predictor, clock } = open(fetch);
    expect(await caught(predictor.predict({ x: 1 }, { timeoutMs: 1000 }))).toMatchObject({ code: "QUEUE_FULL" });
    expect(clock.now()).toBe(0);
  });

  it.each([
    ["no connection", () => Promise.reject(new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") })), "REMOTE_UNREACHABLE"],
    ["429", full, "QUEUE_FULL"],
    ["503 draining", json({ error: "d", code: "DRAINING" }, 503), "DRAINING"],
    ["503 not ready", json({ error: "d", code: "NOT_READY" }, 503), "NOT_READY"],
    ["502 of a proxy", () => new Response("<html>", { status: 502 }), "REMOTE_STATUS"],
    ["503 of a proxy", () => new Response("<html>", { status: 503 }), "REMOTE_STATUS"],
    ["429 with a code of another version", json({ error: "new", code: "BRAND_NEW" }, 429), "REMOTE_STATUS"],
  ] satisfies [string, Answer, string][])("tries again after %s", async (_name, answer, code) => {
    const { seen, fetch } = server(answer);
    const { predictor, clock } = open(fetch);
    const call = caught(predictor.predict({ x: 1 }));
    await clock.advance(10_000);
    expect(await call).toMatchObject({ code });
    expect(seen).toHaveLength(3);
  });

  it.each([
    ["bad input", json({ error: "i", code: "INPUT_SHAPE" }, 400), "INPUT_SHAPE"],
    ["a broken definition", json({ error: "i", code: "DEFINITION_FAILED" }, 500), "DEFINITION_FAILED"],
    ["a lost worker", json({ error: "i", code: "BACKEND_LOST" }, 500), "BACKEND_LOST"],
    ["its own deadline", json({ error: "i", code: "DEADLINE_EXCEEDED" }, 504), "DEADLINE_EXCEEDED"],
    ["a closed predictor", json({ error: "i", code: "CLOSED" }, 503), "CLOSED"],
    ["an unknown model", json({ error: "i", code: "MODEL_NOT_FOUND" }, 404), "MODEL_NOT_FOUND"],
    ["500 of a proxy", () => new Response("<html>", { status: 500 }), "REMOTE_STATUS"],
    ["504 of a proxy", () => new Response("<html>", { status: 504 }), "REMOTE_STATUS"],
    ["text instead of JSON", () => new Response("<html>"), "REMOTE_PROTOCOL"],
    ["an output that the definition refuses", json({ y: "2" }), "REMOTE_PROTOCOL"],
    ["a code of another version", json({ error: "new", code: "BRAND_NEW" }, 418), "REMOTE_STATUS"],
  ] satisfies [string, Answer, string][])("does not try again after %s", async (_name, answer, code) => {
    const { seen, fetch } = server(answer);
    const { predictor, clock } = open(fetch);
    const call = caught(predictor.predict({ x: 1 }));
    await clock.advance(10_000);
    expect(await call).toMatchObject({ code });
    expect(seen).toHaveLength(1);
  });

  it("tries only those items of a batch again that may succeed", async () => {
    const { seen, fetch } = server(
      json([
        { output: { y: 2 } },
        { error: "full", code: "QUEUE_FULL" },
        { error: "bad", code: "INPUT_VALUE" },
        { error: "full", code: "QUEUE_FULL" },
      ]),
      doubling,
    );
    const { predictor, clock } = open(fetch);
    const calls = predictor.predictMany([1, 2, 3, 4].map((x) => ({ x })));
    await clock.advance(1000);
    expect((await calls).map((each) => (each.status === "fulfilled" ? each.value.y : (each.reason as InputError).code))).toEqual([
      2,
      4,
      "INPUT_VALUE",
      8,
    ]);
    expect(seen.map(({ body }) => body)).toEqual([[1, 2, 3, 4].map((x) => ({ x })), [{ x: 2 }, { x: 4 }]]);
  });

  it("asks for the headers anew at each attempt", async () => {
    const { seen, fetch } = server(full, doubling);
    let token = 0;
    const { predictor, clock } = open(fetch, {
      headers: async () => ({ Authorization: `Bearer ${++token}`, Accept: "application/json;q=1" }),
    });
    const call = predictor.predict({ x: 1 });
    await clock.advance(1000);
    await call;
    expect(seen.map(({ headers }) => headers["authorization"])).toEqual(["Bearer 1", "Bearer 2"]);
    expect(seen[0]?.headers["accept"]).toBe("application/json;q=1");
  });

  it("passes the header function's own error on, and refuses headers that HTTP cannot carry", async () => {
    const { seen, fetch } = server(doubling);
    const own = new Error("no token");
    const failing = open(fetch, {
      headers: () => {
        throw own;
      },
    });
    expect(await caught(failing.predictor.predict({ x: 1 }))).toBe(own);
    expect(await caught(open(fetch, { headers: { "x-a": "b\nc" } }).predictor.predict({ x: 1 }))).toMatchObject({
      code: "CONFIG_INVALID",
      details: { path: "headers" },
    });
    expect(seen).toEqual([]);
  });
});

describe("errors", () => {
  it.each([
    ["INPUT_SHAPE", 400, InputError],
    ["DEFINITION_FAILED", 500, DefinitionError],
    ["DRAINING", 503, LifecycleError],
    ["REMOTE_UNREACHABLE", 502, RemoteError],
  ] as const)("revives %s", async (code, status, kind) => {
    const { predictor } = open(server(json({ error: "why", code, details: { a: 1 }, issues: [] }, status)).fetch, { retries: 0 });
    const error = await caught(predictor.predict({ x: 1 }));
    expect(error).toBeInstanceOf(kind);
    expect(isPrediktError(error, code)).toBe(true);
    expect(error).toMatchObject({ message: "why", status, details: { a: 1, issues: [] } });
  });

  it.each(["BRAND_NEW", "constructor", "__proto__"])("keeps status and code of what it does not know, such as %s", async (code) => {
    const body = `{"error":"why","code":"${code}","details":{"a":1,"status":7},"issues":5}`;
    const { predictor } = open(server(() => new Response(body, { status: 418 })).fetch, { retries: 0 });
    const error = await caught(predictor.predict({ x: 1 }));
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ code: "REMOTE_STATUS", message: "why", details: { a: 1, code, status: 418 }, issues: [] });
  });

  it("says why nobody answers", async () => {
    const { predictor } = open(
      server(() => Promise.reject(new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") }))).fetch,
      { retries: 0 },
    );
    expect(await caught(predictor.predict({ x: 1 }))).toMatchObject({ message: "no answer from https://s.test/api: connect ECONNREFUSED" });
  });

  it("refuses a reply past its limit", async () => {
    const { predictor } = open(server(() => new Response("x".repeat(100))).fetch, { maxReplyBytes: 99 });
    expect(await caught(predictor.predict({ x: 1 }))).toMatchObject({ code: "REMOTE_PROTOCOL" });
  });

  it("refuses what JSON cannot carry, before anything is sent", async () => {
    const { seen, fetch } = server(doubling);
    const cycle: Record<string, unknown> = {};
    cycle["x"] = cycle;
    expect(await caught(open(fetch).predictor.predict(cycle as never))).toMatchObject({ code: "INPUT_VALUE" });
    expect(await caught(open(fetch).predictor.predict({ x: 1 }, { requestId: "a b" }))).toMatchObject({
      code: "INPUT_VALUE",
      issues: [{ path: "requestId" }],
    });
    expect(seen).toEqual([]);
  });
});

describe("versions and labels", () => {
  it.each([
    ["version", undefined, { version: "2" }],
    ["label", undefined, { label: "canary" }],
    ["label", "double", { version: "2", label: "canary" }],
  ])("refuses a %s that no route can ask for, of the model %s", async (path, name, options) => {
    const { seen, fetch } = server(doubling);
    const predictor = httpPredictor<{ x: number }, unknown>(name, "https://s.test/api", { fetch });
    expect(await caught(predictor.predict({ x: 1 }, options))).toMatchObject({ code: "CONFIG_INVALID", details: { path } });
    expect(seen).toEqual([]);
  });
});

describe("raw tensors", () => {
  const facts = json({
    name: "double",
    version: "7",
    digest: null,
    signature: {
      inputs: [{ name: "x", dtype: "int32", shape: ["batch", 2] }],
      outputs: [{ name: "y", dtype: "int32", shape: ["batch", 2] }],
    },
    metadata: { by: "us" },
  });
  const reply: Answer = () => new Response(Int32Array.of(2, 4), { headers: { "x-predikt-dtype": "int32", "x-predikt-shape": "1,2" } });

  it("asks for the signature once, sends the model's dtype, and gives tensors back", async () => {
    const { seen, fetch } = server(facts, reply);
    const { predictor } = open(fetch);
    const outputs = { y: { type: "int32", data: Int32Array.of(2, 4), dims: [1, 2] } };
    expect(await predictor.run({ x: [[1, 2]] })).toEqual(outputs);
    expect(await predictor.run({ x: Int32Array.of(1, 2) })).toEqual(outputs);
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /models/double",
      "POST /predict/double",
      "POST /predict/double",
    ]);
    expect(seen[1]?.headers).toMatchObject({
      "content-type": "application/octet-stream",
      accept: "application/octet-stream",
      "x-predikt-dtype": "int32",
      "x-predikt-shape": "1,2",
    });
    expect(new Uint8Array(seen[1]?.body as Uint8Array)).toEqual(new Uint8Array(Int32Array.of(1, 2).buffer));
    expect(predictor.info).toMatchObject({ version: "7", metadata: { by: "us" } });
    expect(await caught(predictor.run({ x: [[1, 2.5]] }))).toMatchObject({ code: "INPUT_VALUE" });
  });

  it("asks again where the first asking failed", async () => {
    const { seen, fetch } = server(json({}, 500), facts, reply);
    const { predictor } = open(fetch);
    expect(await caught(predictor.run({ x: [[1, 2]] }))).toMatchObject({ code: "REMOTE_STATUS" });
    expect(await predictor.run({ x: [[1, 2]] })).toHaveProperty("y");
    expect(seen).toHaveLength(3);
  });

  it("can be aborted and times out while it asks", async () => {
    const { predictor, clock } = open(server(never).fetch);
    const abort = new AbortController();
    const aborted = caught(predictor.run({ x: [[1, 2]] }, { signal: abort.signal }));
    const late = caught(predictor.run({ x: [[1, 2]] }, { timeoutMs: 10 }));
    abort.abort("enough");
    expect(await aborted).toBe("enough");
    await clock.advance(10);
    expect(await late).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  });

  it("refuses a reply that is no tensor, and a description that is none", async () => {
    const { predictor } = open(
      server(
        facts,
        () => new Response("abc"),
        () => new Response("abc", { headers: { "x-predikt-dtype": "int32", "x-predikt-shape": "1,2" } }),
      ).fetch,
    );
    expect(await caught(predictor.run({ x: [[1, 2]] }))).toMatchObject({ code: "REMOTE_PROTOCOL" });
    expect(await caught(predictor.run({ x: [[1, 2]] }))).toMatchObject({ code: "REMOTE_PROTOCOL" });
    expect(await caught(open(server(json({ name: 1 })).fetch).predictor.warmup())).toMatchObject({ code: "REMOTE_PROTOCOL" });
  });
});

describe("life", () => {
  it("sends nothing before the first call", async () => {
    const { seen, fetch } = server(doubling);
    const { predictor } = open(fetch);
    expect(predictor.info).toMatchObject({
      name: "double",
      version: "1",
      device: "remote",
      execution: "remote",
      state: "ready",
      batching: { enabled: true, maxBatchSize: 64 },
    });
    await predictor.close();
    expect(seen).toEqual([]);
  });

  it("closes after what is under way, refuses the rest, and tells", async () => {
    let answer: (response: Response) => void = () => {};
    const { fetch } = server(() => new Promise((resolve) => (answer = resolve)));
    const { predictor } = open(fetch);
    const events: PredictorEvent[] = [];
    predictor.on("*", (event) => events.push(event));
    const call = predictor.predict({ x: 1 }, { requestId: "r" });
    await settle();
    let closed = false;
    const closing = predictor.close().then(() => {
      closed = true;
    });
    expect(predictor.close()).toBe(predictor.close());
    expect(await caught(predictor.predict({ x: 2 }))).toMatchObject({ code: "DRAINING" });
    await settle();
    expect([closed, predictor.info.state]).toEqual([false, "draining"]);
    answer(Response.json({ y: 2 }));
    expect(await call).toEqual({ y: 2 });
    await closing;
    expect(predictor.info.state).toBe("closed");
    expect(await caught(predictor.predict({ x: 3 }))).toMatchObject({ code: "CLOSED" });
    expect(predictor.stats()).toMatchObject({ requests: 1, rejected: 2 });
    expect(events).toMatchObject([{ type: "job-settled", id: "r", outcome: "succeeded", batchSize: 1 }, { type: "predictor-closed" }]);
  });

  it("may have a relative URL, which is refused by the first call where there is no page", async () => {
    const predictor = httpPredictor(double, "/api");
    expect(await caught(predictor.predict({ x: 1 }))).toMatchObject({ code: "CONFIG_INVALID", details: { path: "url" } });
    const { seen, fetch } = server(doubling);
    expect(await httpPredictor(double, "/api/", { fetch }).predict({ x: 1 })).toEqual({ y: 2 });
    expect(seen[0]?.path).toBe("/api/predict/double");
  });

  it("disposes itself", async () => {
    const { predictor } = open(server(doubling).fetch);
    await predictor[Symbol.asyncDispose]();
    expect(predictor.info.state).toBe("closed");
  });

  it.each([
    ["url", "", {}],
    ["url", "https://s.test/api?key=1", {}],
    ["retries", "https://s.test", { retries: -1 }],
    ["retryDelayMs", "https://s.test", { retryDelayMs: Number.NaN }],
    ["maxReplyBytes", "https://s.test", { maxReplyBytes: 0 }],
    ["timeoutMs", "https://s.test", { timeoutMs: 0 }],
    ["batch.maxItems", "https://s.test", { batch: { maxItems: 0 } }],
    ["fetch", "https://s.test", { fetch: 1 as never }],
  ] as const)("refuses a wrong %s", (path, url, options) => {
    expect(() => httpPredictor(double, url, options)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", details: expect.objectContaining({ path }) }),
    );
  });
});
