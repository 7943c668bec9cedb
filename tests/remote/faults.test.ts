import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createPredictor, type Predictor, type PredictorEvent } from "@predikt/core";
import { type RemoteOptions, remote } from "@predikt/core/remote";
import { afterEach, describe, expect, it } from "vitest";
import { bridge } from "../http/servers.ts";
import { until } from "../http/until.ts";
import { FakeTriton } from "./fakes/triton.ts";
import { codeOf } from "./injected.ts";

// Over real sockets: what a fetch that is injected cannot show.

type Answer = (req: IncomingMessage, res: ServerResponse) => void;

/** A Triton that lets its infer requests be answered otherwise. */
class Faulty {
  readonly triton = new FakeTriton();
  /** Infer requests that have come. */
  infers = 0;
  /** Those whose connection closed before they were answered. */
  gone = 0;
  instead: Answer | undefined;
  port = 0;
  #server: Server | undefined;

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async listen(): Promise<this> {
    const server = createServer((req, res) => {
      const infer = req.url?.endsWith("/infer") === true;
      if (infer) {
        this.infers++;
        res.once("close", () => {
          if (!res.writableEnded) this.gone++;
        });
      }
      if (infer && this.instead !== undefined) this.instead(req, res);
      else void bridge(this.triton.fetch, req, res);
    });
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
    return this;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }
}

const started: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of started.splice(0).reverse()) await each.close();
});

async function faulty(): Promise<Faulty> {
  const server = await new Faulty().listen();
  started.push({ close: () => server.stop() });
  return server;
}

async function open(servers: readonly Faulty[], options: RemoteOptions = {}, events: PredictorEvent[] = []): Promise<Predictor> {
  const backend = remote(
    servers.map(({ url }) => url),
    { protocol: "oip", retryDelayMs: 1, ...options },
  );
  const predictor = await createPredictor({ backend, source: "linear", warmup: false, onEvent: (event) => events.push(event) });
  started.push(predictor);
  return predictor;
}

const dies: Answer = (req) => req.socket.destroy();
const hangs: Answer = () => {};
const x = { x: [[1]] };
/** Circuit events: what happened to which endpoint. */
const told = (events: readonly PredictorEvent[]): unknown[] =>
  events.flatMap((event) => (event.type === "backend-reported" ? [[event.event.type, event.event.detail["endpoint"]]] : []));

describe("a server that fails", () => {
  it("in the middle of a reply is not asked again, nor is any other: it has done the work", async () => {
    const [one, other] = [await faulty(), await faulty()];
    for (const server of [one, other]) {
      server.instead = (_req, res) => {
        res.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
        res.write('{"model_name":"linear",', () => res.destroy());
      };
    }
    const predictor = await open([one, other]);
    await expect(predictor.run(x)).rejects.toMatchObject({
      code: "REMOTE_UNREACHABLE",
      message: expect.stringContaining("broke off"),
      details: { endpoint: expect.stringMatching(/^http:\/\/127/) },
    });
    expect(one.infers + other.infers).toBe(1);
  });

  it("before its reply began is asked again, where the next endpoint answers at once", async () => {
    const [one, other] = [await faulty(), await faulty()];
    one.instead = dies;
    const predictor = await open([one, other]);
    for (let i = 0; i < 4; i++) expect((await predictor.run(x))["y"]?.data[0]).toBe(3);
    expect(one.infers).toBeGreaterThan(0);
    expect(other.infers).toBe(4);
  });

  it("alone is asked as often as it may be, and then the error is the caller's", async () => {
    const server = await faulty();
    server.instead = dies;
    const predictor = await open([server], { retries: 2, circuit: { failures: 9 } });
    expect(await codeOf(predictor.run(x))).toBe("REMOTE_UNREACHABLE");
    expect(server.infers).toBe(3);
  });

  it("keeps failing: its circuit opens, and calls fail at once; once it answers a trial, it is in use again", async () => {
    const server = await faulty();
    server.instead = dies;
    const events: PredictorEvent[] = [];
    const options: RemoteOptions = { retries: 0, circuit: { failures: 2, restMs: 50 }, probes: false };
    const predictor = await open([server], options, events);
    for (let i = 0; i < 2; i++) await codeOf(predictor.run(x));
    await expect(predictor.run(x)).rejects.toMatchObject({ message: expect.stringContaining("no endpoint is in use for now") });
    expect(server.infers).toBe(2);
    server.instead = undefined;
    let seen: unknown;
    while (seen !== "it resolved") seen = await codeOf(predictor.run(x));
    expect(told(events)).toEqual([
      ["circuit-opened", server.url],
      ["circuit-closed", server.url],
    ]);
  });
});

describe("several endpoints", () => {
  it("one of which is dead, answer everything; it is left alone, and used again when it is back", async () => {
    const [alive, dead] = [await faulty(), await faulty()];
    await dead.stop();
    const events: PredictorEvent[] = [];
    const options: RemoteOptions = { circuit: { failures: 3, restMs: 60_000 }, probes: { intervalMs: 20, timeoutMs: 1000 } };
    const predictor = await open([dead, alive], options, events);
    const answers = await Promise.all(Array.from({ length: 50 }, () => predictor.run(x)));
    expect(answers.every((outputs) => outputs["y"]?.data[0] === 3)).toBe(true);
    await until(() => told(events).length === 1);
    expect(predictor.info.details["endpoints"]).toMatchObject([
      { endpoint: dead.url, inUse: false, reason: expect.any(String) },
      { endpoint: alive.url, inUse: true },
    ]);
    await dead.listen();
    await until(() => told(events).length === 2);
    const before = dead.infers;
    await Promise.all([predictor.run(x), predictor.run(x)]);
    expect(dead.infers).toBe(before + 1);
  });

  it("share the load by what each has under way", async () => {
    const [slow, fast] = [await faulty(), await faulty()];
    const held: (() => void)[] = [];
    slow.instead = (req, res) => held.push(() => void bridge(slow.triton.fetch, req, res));
    const predictor = await open([slow, fast], { probes: false });
    const first = [predictor.run(x), predictor.run(x)];
    await until(() => held.length === 1 && fast.infers === 1);
    await Promise.race(first);
    for (let i = 0; i < 10; i++) await predictor.run(x);
    expect([held.length, fast.infers]).toEqual([1, 11]);
    for (const release of held) release();
    await Promise.all(first);
  });

  it("a server that says it is not ready leaves by its health probe, before any request finds out", async () => {
    const [one, other] = [await faulty(), await faulty()];
    const events: PredictorEvent[] = [];
    const predictor = await open([one, other], { probes: { intervalMs: 20, timeoutMs: 1000 } }, events);
    one.triton.ready = false;
    await until(() => told(events).length > 0);
    expect(told(events)).toEqual([["circuit-opened", one.url]]);
    for (let i = 0; i < 4; i++) await predictor.run(x);
    expect([one.infers, other.infers]).toEqual([0, 4]);
  });
});

describe("a server that takes its time", () => {
  it("sees the connection close when the caller aborts", async () => {
    const server = await faulty();
    server.instead = hangs;
    const predictor = await open([server]);
    const controller = new AbortController();
    const call = codeOf(predictor.run(x, { signal: controller.signal }));
    await until(() => server.infers === 1);
    const reason = new Error("changed my mind");
    controller.abort(reason);
    expect(await call).toBe(reason);
    await until(() => server.gone === 1);
    server.instead = undefined;
    expect(await predictor.run(x)).toHaveProperty("y");
  });

  it("and when the time limit passes; it was told of that", async () => {
    const server = await faulty();
    let header: unknown;
    server.instead = (req) => {
      header = req.headers["x-predikt-timeout-ms"];
    };
    const predictor = await open([server]);
    expect(await codeOf(predictor.run(x, { timeoutMs: 100 }))).toBe("DEADLINE_EXCEEDED");
    await until(() => server.gone === 1);
    expect(Number(header) > 0 && Number(header) <= 100).toBe(true);
  });

  it("is left where one request takes too long, though its caller would wait", async () => {
    const server = await faulty();
    server.instead = hangs;
    const predictor = await open([server], { requestTimeoutMs: 50 });
    await expect(predictor.run(x)).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED", details: { timeoutMs: 50, endpoint: server.url } });
    expect(server.infers).toBe(1);
    await until(() => server.gone === 1);
  });

  it("goes on for a batch as long as one of its callers waits", async () => {
    const server = await faulty();
    const backend = remote(server.url, { protocol: "oip" });
    const predictor = await createPredictor({ backend, source: "linear", batching: { maxBatchSize: 8 } });
    started.push(predictor);
    // The warm-up and the proof that batches are safe have run.
    server.infers = 0;
    let answer: (() => void) | undefined;
    server.instead = (req, res) => {
      answer = () => void bridge(server.triton.fetch, req, res);
    };
    const controller = new AbortController();
    const leaves = codeOf(predictor.run({ x: [[1]] }, { signal: controller.signal }));
    const stays = predictor.run({ x: [[2]] }, { timeoutMs: 60_000 });
    await until(() => answer !== undefined);
    controller.abort("gone");
    expect(await leaves).toBe("gone");
    answer?.();
    expect((await stays)["y"]?.data[0]).toBe(5);
    expect([server.infers, server.gone]).toEqual([1, 0]);
  });

  it("closing waits for its answer, though probes are under way", async () => {
    const [one, other] = [await faulty(), await faulty()];
    let answer: (() => void) | undefined;
    for (const server of [one, other]) {
      server.instead = (req, res) => {
        answer = () => void bridge(server.triton.fetch, req, res);
      };
    }
    const predictor = await open([one, other], { probes: { intervalMs: 5, timeoutMs: 1000 } });
    const running = predictor.run(x);
    await until(() => answer !== undefined);
    const closing = Promise.all([predictor.close(), predictor.close()]);
    answer?.();
    expect((await running)["y"]?.data[0]).toBe(3);
    await closing;
    expect(await codeOf(predictor.run(x))).toBe("CLOSED");
  });
});
