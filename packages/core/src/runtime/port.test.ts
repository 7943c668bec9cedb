import { afterEach, describe, expect, it } from "vitest";
import { BackendError, type ErrorJson, InputError, isPrediktError, ModelError, PrediktError } from "../errors/index.ts";
import { FakeClock, settle } from "../testing/fake-clock.ts";
import type { Tensor, Tensors } from "../types/index.ts";
import type { Port } from "./port.ts";
import { PortClient, type TurnOptions, type WorkerPort } from "./port-client.ts";
import { type AnswerOptions, answerCalls, type Handlers } from "./port-server.ts";
import { PlaceLost } from "./reviving-session.ts";
import { Turns } from "./turns.ts";

type Calls = {
  echo: { readonly ask: { readonly value: unknown }; readonly answer: unknown };
  fail: { readonly ask: { readonly with: string }; readonly answer: undefined };
  wait: { readonly ask: { readonly name: string }; readonly answer: string };
  load: { readonly ask: object; readonly answer: number };
  run: { readonly ask: object; readonly answer: Tensors };
};

const numbers = (data: Float32Array): Tensor => ({ type: "float32", data, dims: [data.length] });
const patient: TurnOptions = { limitMs: 60_000 };
const error = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "it resolved",
    (thrown: unknown) => thrown,
  );
const channels: MessageChannel[] = [];
afterEach(() => {
  for (const { port1, port2 } of channels.splice(0)) {
    port1.close();
    port2.close();
  }
});

/** Both sides, over a real channel. */
function pair(answers: Partial<Handlers<Calls>> = {}, options: AnswerOptions = {}) {
  const channel = new MessageChannel();
  channels.push(channel);
  const { port1, port2 } = channel;
  const received: unknown[] = [];
  port2.addEventListener("message", ({ data }) => received.push(data));
  const started: string[] = [];
  const releases = new Map<string, () => void>();
  const handlers: Handlers<Calls> = {
    echo: async ({ value }) => value,
    fail: async ({ with: what }) => {
      throw thrown[what];
    },
    wait: ({ name }) =>
      new Promise<string>((resolve) => {
        started.push(name);
        releases.set(name, () => resolve(name));
      }),
    load: (_ask, { signal }) =>
      new Promise<number>((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
    run: async () => ({}),
    ...answers,
  };
  const lost = answerCalls<Calls>(port2 as unknown as Port, handlers, options);
  let terminated = 0;
  const listeners = new Map<string, (event: Event) => void>();
  const port: WorkerPort = {
    postMessage: (message) => port1.postMessage(message),
    addEventListener: (type, listener) => {
      listeners.set(type, listener);
      port1.addEventListener(type as "message", listener);
    },
    terminate: () => {
      terminated++;
      port1.close();
    },
  };
  const clock = new FakeClock();
  const client = new PortClient<Calls>(port, () => new BackendError("BACKEND_MISSING", "no script"), clock);
  port1.start();
  port2.start();
  const release = async (name: string): Promise<void> => {
    await until(() => releases.has(name));
    releases.get(name)?.();
  };
  /** What a browser tells of the worker. */
  const event = (type: string, more: object): void => listeners.get(type)?.(Object.assign(new Event(type), more));
  return { client, clock, lost, received, started, release, event, terminations: () => terminated };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve));
}

const thrown: Record<string, unknown> = {
  input: new InputError("INPUT_SHAPE", "wrong", {
    details: { issues: [{ path: "x", expected: "a", received: "b" }], more: 1 },
    cause: new Error("deep"),
  }),
  model: new ModelError("MODEL_INVALID", "broken"),
  plain: new TypeError("oops"),
  text: "just text",
  memory: new BackendError("BACKEND_MEMORY", "no more"),
  wasm: new WebAssembly.RuntimeError("memory access out of bounds"),
  strange: new InputError("INPUT_VALUE", "no", { details: { callback: () => {} } }),
};

describe("a call", () => {
  it("is answered, and several may be under way at once", async () => {
    const { client, release, started } = pair();
    const [a, b] = [client.ask("wait", { name: "a" }), client.ask("wait", { name: "b" })];
    await until(() => started.length === 2);
    await release("b");
    expect(await b).toBe("b");
    await release("a");
    expect(await a).toBe("a");
  });

  it("hears what is told before the answer", async () => {
    const { client } = pair({
      load: async (_ask, { tell, id }) => {
        tell({ at: 1 });
        tell({ at: 2 });
        return id;
      },
    });
    const news: unknown[] = [];
    await client.ask("load", {}, { onNews: (each) => news.push(each) });
    expect(news).toEqual([{ at: 1 }, { at: 2 }]);
  });

  it("fails with the error's class, code, details, issues and cause", async () => {
    const { client } = pair();
    const failed = (await error(client.ask("fail", { with: "input" }))) as InputError;
    expect(failed).toBeInstanceOf(InputError);
    expect(failed).toMatchObject({ code: "INPUT_SHAPE", message: "wrong", details: { more: 1 }, issues: [{ path: "x" }] });
    expect((failed.cause as Error).message).toBe("deep");
    expect(await error(client.ask("fail", { with: "model" }))).toBeInstanceOf(ModelError);
  });

  it.each([
    ["plain", "the runtime failed: oops"],
    ["text", "the runtime failed: just text"],
  ])("that throws what is no error of ours (%s) fails with BACKEND_RUN", async (what, message) => {
    const { client } = pair();
    expect(await error(client.ask("fail", { with: what }))).toMatchObject({ code: "BACKEND_RUN", message });
    expect(client.ended).toBe(false);
  });

  it("whose error's details cannot be copied fails without them", async () => {
    const { client } = pair();
    expect(await error(client.ask("fail", { with: "strange" }))).toMatchObject({ code: "INPUT_VALUE", message: "no", details: {} });
  });

  it("that holds what cannot be copied fails with a typed error, which does not quote it; the next one goes", async () => {
    const { client } = pair();
    const secret = () => "secret";
    const failed = (await error(client.ask("echo", { value: secret }))) as InputError;
    expect(failed).toMatchObject({ name: "InputError", code: "INPUT_VALUE", message: expect.stringMatching(/copied to a worker/) });
    expect(failed.message).not.toContain("secret");
    expect(await error(client.inTurn("echo", { value: secret }, patient))).toMatchObject({ code: "INPUT_VALUE" });
    expect(await client.inTurn("echo", { value: 1 }, patient)).toBe(1);
  });

  it("whose answer cannot be copied fails with a typed error", async () => {
    const { client } = pair({ echo: async () => ({ callback: () => {} }) });
    expect(await error(client.ask("echo", { value: 1 }))).toMatchObject({ code: "BACKEND_RUN", message: expect.stringMatching(/answer/) });
  });

  it("that the other side does not know is CONFIG_INVALID, and says what was asked", async () => {
    const { client } = pair();
    const unknown = client as unknown as PortClient<{
      encode: { ask: object; answer: unknown };
      toString: { ask: object; answer: unknown };
    }>;
    expect(await error(unknown.ask("encode", {}))).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining('"encode"') });
    expect(await error(unknown.ask("toString", {}))).toMatchObject({ code: "CONFIG_INVALID" });
  });

  describe("that is aborted", () => {
    it("rejects at once with the reason, and tells the other side", async () => {
      const { client, received } = pair();
      const controller = new AbortController();
      const loading = client.ask("load", {}, { signal: controller.signal });
      controller.abort("enough");
      await expect(loading).rejects.toBe("enough");
      await until(() => received.length === 2);
      expect(received[1]).toEqual({ type: "abort", id: 0 });
      expect(await client.ask("echo", { value: 1 })).toBe(1);
    });

    it("before it is made is never made", async () => {
      const { client, received } = pair();
      await expect(client.ask("load", {}, { signal: AbortSignal.abort("no") })).rejects.toBe("no");
      await client.ask("echo", { value: 1 });
      expect(received).toHaveLength(1);
    });

    it("after its answer changes nothing", async () => {
      const { client, received } = pair();
      const controller = new AbortController();
      expect(await client.ask("echo", { value: 1 }, { signal: controller.signal })).toBe(1);
      controller.abort();
      await client.ask("echo", { value: 2 });
      expect(received).toHaveLength(2);
    });

    it("is told of the answer that comes all the same, and of no news", async () => {
      const { client, release, started } = pair({
        load: async (_ask, { tell }) => {
          tell("news");
          return 7;
        },
      });
      const controller = new AbortController();
      const late: number[] = [];
      const news: unknown[] = [];
      const hooks = {
        signal: controller.signal,
        onLate: (answer: number) => late.push(answer),
        onNews: (each: unknown) => news.push(each),
      };
      const loading = error(client.ask("load", {}, hooks));
      controller.abort("enough");
      expect(await loading).toBe("enough");
      await until(() => late.length > 0);
      expect([late, news]).toEqual([[7], []]);
      void client.ask("wait", { name: "a" });
      await until(() => started.length === 1);
      await release("a");
    });
  });
});

describe("calls in turn", () => {
  it("never overlap, come in order of priority, and outlive failures", async () => {
    const { client, release, started } = pair();
    const order: string[] = [];
    const take = (name: string, priority: "high" | "normal" | "low"): Promise<unknown> =>
      client.inTurn("wait", { name }, { ...patient, priority }).then((answer) => order.push(answer));
    const calls = [take("a", "low"), take("low", "low"), take("high", "high")];
    const failing = error(client.inTurn("fail", { with: "plain" }, patient));
    await release("a");
    await until(() => started.length === 2);
    expect(started).toEqual(["a", "high"]);
    await release("high");
    expect(await failing).toMatchObject({ code: "BACKEND_RUN" });
    await release("low");
    await Promise.all(calls);
    expect(order).toEqual(["a", "high", "low"]);
  });

  it("leave the queue when nobody waits for them any more", async () => {
    const { client, release, received } = pair();
    const first = client.inTurn("wait", { name: "a" }, patient);
    const controller = new AbortController();
    const second = client.inTurn("wait", { name: "b" }, { ...patient, abandoned: controller.signal });
    controller.abort("gone");
    await expect(second).rejects.toBe("gone");
    await release("a");
    await first;
    expect(received).toHaveLength(1);
  });

  it("are held apart by the side that answers, too, whoever asks, and over several ports where they share turns", async () => {
    const turns = new Turns();
    const [one, other] = [pair({}, { inTurn: ["wait", "fail"], turns }), pair({}, { inTurn: ["wait"], turns })];
    const a = one.client.ask("wait", { name: "a" });
    await until(() => one.started.length === 1);
    const failing = error(one.client.ask("fail", { with: "strange" }));
    await one.client.ask("echo", { value: 1 });
    const b = other.client.ask("wait", { name: "b" });
    await other.client.ask("echo", { value: 1 });
    expect(other.started).toEqual([]);
    await one.release("a");
    await failing;
    await until(() => other.started.length === 1);
    await other.release("b");
    expect(await Promise.all([a, b])).toEqual(["a", "b"]);
  });
});

describe("tensors in an answer", () => {
  it("are handed over where they own their buffer, and copied where it is another's", async () => {
    const own = new Float32Array([1, 2]);
    const memory = new Float32Array(4).fill(3);
    const twice = { a: numbers(own), b: numbers(own), view: numbers(memory.subarray(1, 3)) };
    const { client } = pair({ run: async () => ({ ...twice, text: { type: "string", data: ["é"], dims: [1] } }) });
    const answer = await client.inTurn("run", {}, patient);
    expect(answer).toEqual({
      a: numbers(new Float32Array([1, 2])),
      b: numbers(new Float32Array([1, 2])),
      view: numbers(new Float32Array([3, 3])),
      text: { type: "string", data: ["é"], dims: [1] },
    });
    expect([own.byteLength, memory.byteLength]).toEqual([0, 16]);
  });

  it("are copied where the answer is to stay with the one who gives it", async () => {
    const kept = new Float32Array([1, 2]);
    const { client } = pair({ run: async () => ({ a: numbers(kept) }) }, { copied: ["run"] });
    await client.ask("run", {});
    expect(await client.ask("run", {})).toEqual({ a: numbers(kept) });
  });
});

describe("a worker that is lost", () => {
  const outcome = async (promise: Promise<unknown>): Promise<object> => {
    const lost = (await error(promise)) as PlaceLost;
    expect(lost).toBeInstanceOf(PlaceLost);
    return { executing: lost.executing, code: lost.error.code, message: lost.error.message };
  };

  it("in a call that leaves it broken fails that one as executing, and all others as not", async () => {
    const { client, started, terminations } = pair({}, { isBroken: (name, { code }) => name === "fail" && code === "BACKEND_MEMORY" });
    let ends = 0;
    client.onEnd = () => {
      ends++;
      expect(client.ended).toBe(true);
    };
    const beside = outcome(client.ask("wait", { name: "a" }));
    await until(() => started.length === 1);
    const failing = outcome(client.inTurn("fail", { with: "memory" }, patient));
    const waiting = outcome(client.inTurn("echo", { value: 1 }, patient));
    const memory = { code: "BACKEND_MEMORY", message: "no more" };
    expect(await failing).toEqual({ executing: true, ...memory });
    expect(await beside).toEqual({ executing: false, ...memory });
    expect(await waiting).toEqual({ executing: false, ...memory });
    expect(await outcome(client.ask("echo", { value: 1 }))).toEqual({ executing: false, ...memory });
    client.end();
    expect([ends, terminations()]).toEqual([1, 1]);
  });

  it("by WebAssembly in pieces is never used again", async () => {
    const { client } = pair();
    expect(await outcome(client.inTurn("fail", { with: "wasm" }, patient))).toMatchObject({ executing: true, code: "BACKEND_RUN" });
    expect(client.ended).toBe(true);
  });

  it("by its own word, as with a GPU, fails what runs", async () => {
    const { client, lost, started } = pair();
    const running = outcome(client.inTurn("wait", { name: "a" }, patient));
    await until(() => started.length === 1);
    lost("the GPU device was lost");
    expect(await running).toEqual({ executing: true, code: "BACKEND_LOST", message: "the GPU device was lost" });
  });

  it("by an error of its script is told with it, and without one as a script that is missing", async () => {
    const [one, other, third] = [pair(), pair(), pair()];
    const asking = outcome(one.client.ask("wait", { name: "a" }));
    one.event("error", { message: "x is not defined" });
    expect(await asking).toEqual({ executing: false, code: "BACKEND_LOST", message: "the worker failed: x is not defined" });
    other.event("error", {});
    expect(await outcome(other.client.ask("echo", { value: 1 }))).toMatchObject({ code: "BACKEND_MISSING" });
    third.event("messageerror", {});
    expect(await outcome(third.client.ask("echo", { value: 1 }))).toMatchObject({ message: "the worker's answer could not be read" });
  });

  it("since it was ended is told so", async () => {
    const { client } = pair();
    const asking = outcome(client.ask("wait", { name: "a" }));
    client.end();
    expect(await asking).toEqual({ executing: false, code: "BACKEND_LOST", message: "the worker was ended" });
  });

  it("does not fail what was aborted a second time", async () => {
    const { client } = pair();
    const controller = new AbortController();
    const loading = client.ask("load", {}, { signal: controller.signal });
    controller.abort("enough");
    client.end();
    await expect(loading).rejects.toBe("enough");
  });
});

describe("the watchdog", () => {
  it("ends a worker that gives no answer while a call executes", async () => {
    const { client, clock, started } = pair();
    const hanging = error(client.inTurn("wait", { name: "a" }, { limitMs: 1000 }));
    await until(() => started.length === 1);
    await clock.advance(999);
    expect(client.ended).toBe(false);
    await clock.advance(1);
    expect(await hanging).toMatchObject({ executing: true, error: { message: "the worker gave no answer for 1000 ms and was ended" } });
    expect(clock.pending).toBe(0);
  });

  it("does not count while a call waits for its turn, nor for what does not use the runtime", async () => {
    const { client, clock, started, release } = pair();
    const aside = client.ask("wait", { name: "aside" });
    const first = client.inTurn("wait", { name: "a" }, { limitMs: 10_000 });
    const second = client.inTurn("wait", { name: "b" }, { limitMs: 1000 });
    await until(() => started.length === 2);
    await clock.advance(9000);
    await release("a");
    await first;
    await until(() => started.length === 3);
    await clock.advance(900);
    await release("b");
    await second;
    await release("aside");
    await aside;
    expect([client.ended, clock.pending]).toEqual([false, 0]);
  });

  it("takes one timer that ends late, as after a frozen page, for one quarter and no more", async () => {
    const { client, clock, started, release } = pair();
    let late = 0;
    // As if time had stood still for the page: each timer falls due at once, whatever it was set to.
    const original = clock.after.bind(clock);
    clock.after = (ms, callback) => (late++ === 0 ? original(0, callback) : original(ms, callback));
    const running = client.inTurn("wait", { name: "a" }, { limitMs: 1000 });
    await until(() => started.length === 1);
    await clock.advance(0);
    await clock.advance(700);
    expect(client.ended).toBe(false);
    await release("a");
    expect(await running).toBe("a");
  });

  it("leaves no timer behind for a worker that has gone", async () => {
    const { client, clock } = pair();
    client.end();
    expect(await error(client.inTurn("echo", { value: 1 }, patient))).toBeInstanceOf(PlaceLost);
    await settle();
    expect(clock.pending).toBe(0);
  });
});

it("errors that cross are errors of the SDK on the other side, whatever they say", async () => {
  const { client } = pair({
    echo: async () => {
      throw Object.assign(new PrediktError("CONFIG_INVALID", "x"), {
        toJSON: (): ErrorJson => ({ code: "NO_SUCH", message: "m", details: {} }),
      });
    },
  });
  const failed = await error(client.ask("echo", { value: 1 }));
  expect(isPrediktError(failed, "BACKEND_RUN")).toBe(true);
});
