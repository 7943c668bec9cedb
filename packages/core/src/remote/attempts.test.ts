import { describe, expect, it } from "vitest";
import { LifecycleError, RemoteError } from "../errors/index.ts";
import { FakeClock, settle } from "../testing/index.ts";
import { attempt, type RetryLimits } from "./attempts.ts";
import { Fleet } from "./fleet.ts";
import type { Answer, Refusal, Transport, TransportCall } from "./transport.ts";

const limits: RetryLimits = { retries: 2, retryDelayMs: 100, maxRetryDelayMs: 10_000, requestTimeoutMs: Infinity, retrySlow: false };
const forEver = { gone: undefined, timeoutMs: Infinity };

const refusal = (over: Partial<Refusal> = {}): Refusal => ({
  error: new RemoteError("REMOTE_UNREACHABLE", "nobody there"),
  again: true,
  faulty: true,
  retryAfterMs: 0,
  ...over,
});

type Reply = Answer<string> | "never";

/** Endpoints that give these replies in turn, then their own name; and what each of them was asked. */
function setUp(...replies: Reply[][]) {
  const clock = new FakeClock();
  const asked: { readonly url: string; readonly at: number; readonly call: TransportCall }[] = [];
  const transports = replies.map((list, i) => ({ url: `${i}`, transport: { list } as unknown as Transport }));
  const fleet = new Fleet(transports, { failures: 5, restMs: 1000 }, clock, () => {});
  const ask = (transport: Transport, call: TransportCall): Promise<Answer<string>> => {
    const i = transports.findIndex((each) => each.transport === transport);
    asked.push({ url: `${i}`, at: clock.now(), call });
    const reply = replies[i]?.shift() ?? { value: `${i}` };
    if (reply !== "never") return Promise.resolve(reply);
    return new Promise((_resolve, reject) => call.signal?.addEventListener("abort", () => reject(call.signal?.reason)));
  };
  return { clock, fleet, asked, ask };
}

/** Settles a call whose waits are random: time goes on until it has ended. */
async function ended<T>(call: Promise<T>, clock: FakeClock, ms = 1): Promise<T> {
  let over = false;
  const done = (): void => {
    over = true;
  };
  call.then(done, done);
  while (!over) await clock.advance(ms);
  return call;
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: { code?: unknown }) => error.code ?? error);

describe("attempts", () => {
  it("the next endpoint is asked at once, and a lone one after a random wait", async () => {
    const two = setUp([refusal()], []);
    expect(await attempt(two.fleet, limits, forEver, two.ask)).toBe("1");
    expect(two.asked.map(({ url, at }) => [url, at])).toEqual([
      ["0", 0],
      ["1", 0],
    ]);
    const one = setUp([refusal(), refusal()]);
    expect(await ended(attempt(one.fleet, limits, forEver, one.ask), one.clock)).toBe("0");
    const [, second, third] = one.asked.map(({ at }) => at) as [number, number, number];
    expect(second).toBeLessThanOrEqual(100);
    expect(third - second).toBeLessThanOrEqual(200);
  });

  it("no more than it may, and the last error is what the caller gets", async () => {
    const last = new LifecycleError("NOT_READY", "the last one");
    const { fleet, clock, ask, asked } = setUp([refusal(), refusal(), refusal({ error: last }), refusal()]);
    await expect(ended(attempt(fleet, limits, forEver, ask), clock)).rejects.toBe(last);
    expect(asked).toHaveLength(3);
    const never = setUp([refusal(), refusal()]);
    expect(await codeOf(attempt(never.fleet, { ...limits, retries: 0 }, forEver, never.ask))).toBe("REMOTE_UNREACHABLE");
    expect(never.asked).toHaveLength(1);
  });

  it("never what is not safe to ask again, even where another endpoint is free", async () => {
    const { fleet, ask, asked } = setUp([refusal({ again: false })], []);
    expect(await codeOf(attempt(fleet, limits, forEver, ask))).toBe("REMOTE_UNREACHABLE");
    expect(asked).toHaveLength(1);
  });

  it("not before Retry-After, and not at all where that is too far off", async () => {
    const soon = setUp([refusal({ retryAfterMs: 3000, faulty: false })]);
    expect(await ended(attempt(soon.fleet, limits, forEver, soon.ask), soon.clock, 1000)).toBe("0");
    expect(soon.asked.map(({ at }) => at)).toEqual([0, 3000]);
    const late = setUp([refusal({ retryAfterMs: 30_000 })]);
    expect(await codeOf(attempt(late.fleet, limits, forEver, late.ask))).toBe("REMOTE_UNREACHABLE");
    const noTime = setUp([refusal({ retryAfterMs: 3000 })]);
    expect(await codeOf(attempt(noTime.fleet, limits, { gone: undefined, timeoutMs: 3000 }, noTime.ask))).toBe("REMOTE_UNREACHABLE");
    expect(noTime.asked).toHaveLength(1);
  });

  it("each is told the time that is left", async () => {
    const { fleet, clock, ask, asked } = setUp([refusal({ retryAfterMs: 400 })]);
    await ended(attempt(fleet, limits, { gone: undefined, timeoutMs: 1000 }, ask), clock, 100);
    expect(asked.map(({ call }) => call.timeoutMs)).toEqual([1000, 600]);
    const unlimited = setUp([]);
    await attempt(unlimited.fleet, limits, forEver, unlimited.ask);
    expect(unlimited.asked.map(({ call }) => call)).toEqual([{ signal: undefined, timeoutMs: undefined }]);
  });

  it("an abort ends one under way, and the wait for the next, with the caller's reason; the circuit hears nothing of it", async () => {
    const { fleet, ask } = setUp(["never"]);
    const controller = new AbortController();
    const running = codeOf(attempt(fleet, limits, { gone: controller.signal, timeoutMs: Infinity }, ask));
    await settle();
    expect(fleet.endpoints[0]?.outstanding).toBe(1);
    controller.abort("not now");
    expect(await running).toBe("not now");
    expect(fleet.endpoints[0]).toMatchObject({ outstanding: 0, circuit: { open: false } });

    const waiting = setUp([refusal({ retryAfterMs: 5000 })]);
    const second = new AbortController();
    const call = codeOf(attempt(waiting.fleet, limits, { gone: second.signal, timeoutMs: Infinity }, waiting.ask));
    await settle();
    expect(waiting.clock.pending).toBe(1);
    second.abort("not now");
    expect(await call).toBe("not now");
    expect(waiting.clock.pending).toBe(0);
    expect(waiting.asked).toHaveLength(1);
  });

  it("one that takes too long is ended; it counts against the endpoint, and is asked again only where that costs nothing", async () => {
    const { fleet, clock, ask, asked } = setUp(["never"], []);
    const slow = { ...limits, requestTimeoutMs: 500 };
    const call = codeOf(attempt(fleet, slow, forEver, ask));
    await clock.advance(500);
    expect(await call).toBe("DEADLINE_EXCEEDED");
    expect(asked).toHaveLength(1);
    const cheap = setUp(["never"], []);
    const again = attempt(cheap.fleet, { ...slow, retrySlow: true }, forEver, cheap.ask);
    await cheap.clock.advance(500);
    expect(await again).toBe("1");
  });

  it("failures in a row open the circuit, and then nothing is sent: the call fails at once", async () => {
    const { fleet, clock, ask, asked } = setUp(Array.from({ length: 5 }, () => refusal()));
    const once = { ...limits, retries: 0 };
    for (let i = 0; i < 5; i++) await codeOf(attempt(fleet, once, forEver, ask));
    expect(await codeOf(attempt(fleet, once, forEver, ask))).toBe("REMOTE_UNREACHABLE");
    expect(asked).toHaveLength(5);
    await clock.advance(1000);
    expect(await attempt(fleet, once, forEver, ask)).toBe("0");
    expect(fleet.endpoints[0]?.circuit.open).toBe(false);
  });

  it("a server that refuses the input, or whose queue is full, works: its circuit stays closed", async () => {
    const { fleet, ask } = setUp(Array.from({ length: 9 }, () => refusal({ again: false, faulty: false })));
    for (let i = 0; i < 9; i++) await codeOf(attempt(fleet, limits, forEver, ask));
    expect(fleet.endpoints[0]?.circuit.open).toBe(false);
  });
});
