/// <reference types="node" />
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { settle } from "@predikt/core/testing";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { double, fakeRuntime, gate, type Runtime, rejection } from "../../test/kit.tsx";
import { createModelPool, type ModelHandle } from "../pool/model-pool.ts";
import { type ObserverOptions, PredictionObserver } from "./prediction-observer.ts";

type Input = { x: number };
type Output = { y: number };

let runtime: Runtime;
let model: ModelHandle<Input, Output>;

function observe(options: ObserverOptions = {}): PredictionObserver<Input, Output> {
  runtime = fakeRuntime();
  const pool = createModelPool({ create: runtime.create, models: { double: { definition: double, source: "m" } }, clock: runtime.clock });
  model = pool.handle(pool.resolve("double"));
  const observer = new PredictionObserver(model);
  observer.options = options;
  return observer;
}

/** The states that differ in what matters, as they appear. */
function record(observer: PredictionObserver<Input, Output>): string[] {
  const seen: string[] = [];
  const look = (): void => {
    const { status, fetchStatus, data, isStale } = observer.getState();
    const text = `${status}/${fetchStatus}:${data?.y ?? "-"}${isStale ? " stale" : ""}`;
    if (seen.at(-1) !== text) seen.push(text);
  };
  observer.subscribe(look);
  return seen;
}

describe("a call", () => {
  let observer: PredictionObserver<Input, Output>;
  beforeEach(() => {
    observer = observe();
  });

  it("goes from loading to running to its answer, and the next shows the last answer meanwhile", async () => {
    const seen = record(observer);
    expect(await observer.actions.predict({ x: 1 })).toEqual({ y: 2 });
    expect(observer.getState()).toMatchObject({
      device: "cpu",
      error: undefined,
      id: expect.any(String),
      timings: { runMs: expect.any(Number) },
    });
    await observer.actions.predict({ x: 2 });
    expect(seen).toEqual(["pending/loading:-", "pending/running:-", "success/idle:2", "pending/running:2 stale", "success/idle:4"]);
  });

  it("keeps nothing where it is told so", async () => {
    observer.options = { keepPrevious: false };
    const seen = record(observer);
    await observer.actions.predict({ x: 1 });
    await observer.actions.predict({ x: 2 });
    expect(seen).toEqual(["pending/loading:-", "pending/running:-", "success/idle:2", "pending/running:-", "success/idle:4"]);
  });

  it("shows its failure beside the old data, and is tried again by the next", async () => {
    observer.subscribe(() => undefined);
    await observer.actions.predict({ x: 1 });
    expect(await rejection(observer.actions.predict({ x: "1" } as never))).toMatchObject({ code: "INPUT_DTYPE" });
    expect(observer.getState()).toMatchObject({ status: "error", error: { code: "INPUT_DTYPE" }, data: { y: 2 }, isStale: true });
    await observer.actions.predict({ x: 3 });
    expect(observer.getState()).toMatchObject({ status: "success", error: undefined, data: { y: 6 }, isStale: false });
  });

  it("counts its time limit from the call, the load included", async () => {
    const { promise, open } = gate();
    runtime.gate = promise;
    const late = rejection(observer.actions.predict({ x: 1 }, { timeoutMs: 50 }));
    await runtime.clock.advance(49);
    expect(observer.getState().status).toBe("pending");
    await runtime.clock.advance(1);
    expect(await late).toMatchObject({ code: "DEADLINE_EXCEEDED" });
    expect(observer.getState()).toMatchObject({ status: "error", error: { code: "DEADLINE_EXCEEDED" } });
    open();
    expect(await rejection(observer.actions.predict({ x: 1 }, { timeoutMs: -1 }))).toMatchObject({ code: "CONFIG_INVALID" });
  });

  it("is cancelled, and what was there stays; a reset forgets it", async () => {
    observer.subscribe(() => undefined);
    await observer.actions.predict({ x: 1 });
    runtime.backend.hold(true);
    const cancelled = rejection(observer.actions.predict({ x: 2 }));
    observer.actions.cancel();
    expect(await cancelled).toMatchObject({ name: "AbortError" });
    expect(observer.getState()).toMatchObject({ status: "success", fetchStatus: "idle", data: { y: 2 }, isStale: true });
    observer.actions.reset();
    expect(observer.getState()).toMatchObject({ status: "idle", data: undefined, isStale: false, id: undefined });
  });

  it("is aborted by its own signal, whose reason shows", async () => {
    const reason = new Error("changed my mind");
    const controller = new AbortController();
    const answer = rejection(observer.actions.predict({ x: 1 }, { signal: controller.signal }));
    controller.abort(reason);
    expect(await answer).toBe(reason);
    expect(observer.getState()).toMatchObject({ status: "error", error: reason });
  });

  it("ends with the last listener, and nothing is left of it", async () => {
    runtime.backend.hold(true);
    const leave = observer.subscribe(() => undefined);
    const ended = rejection(observer.actions.predict({ x: 1 }));
    await settle();
    leave();
    expect(await ended).toMatchObject({ name: "AbortError" });
    expect(observer.getState().status).toBe("idle");
    runtime.backend.release();
    await runtime.clock.advance(300_000);
    expect(runtime.backend.openSessions()).toBe(0);
    expect(runtime.clock.pending).toBe(0);
  });
});

describe("what is kept", () => {
  it("is the newest answer, none of those before it", async () => {
    const observer = observe();
    observer.subscribe(() => undefined);
    const first = new WeakRef(await observer.actions.predict({ x: 1 }));
    for (let x = 2; x < 5; x++) await observer.actions.predict({ x });
    runtime.backend.runs.length = 0;
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    // A WeakRef holds its target until the task in which it was made or read has ended.
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(first.deref()).toBeUndefined();
    expect(observer.getState().data).toEqual({ y: 8 });
  });
});

describe("with other calls under way", () => {
  it("in a queue, each runs in its turn and is shown when it is done, and one that fails harms no other", async () => {
    const observer = observe({ mode: "queue" });
    const seen = record(observer);
    runtime.backend.hold(true);
    const answers = [1, "2", 3].map((x) => rejection(observer.actions.predict({ x } as Input).then(({ y }) => Promise.reject(y))));
    await settle();
    expect(runtime.backend.runs).toHaveLength(1);
    runtime.backend.release();
    await settle();
    expect(observer.getState()).toMatchObject({ status: "pending", data: { y: 2 } });
    await settle();
    await settle();
    runtime.backend.release();
    expect(await Promise.all(answers)).toEqual([2, expect.objectContaining({ code: "INPUT_DTYPE" }), 6]);
    expect(seen.at(-1)).toBe("success/idle:6");
  });

  it("in a queue, at most 100 are taken", async () => {
    const observer = observe({ mode: "queue" });
    runtime.backend.hold(true);
    const answers = Array.from({ length: 101 }, (_, x) => rejection(observer.actions.predict({ x })));
    expect(await answers[100]).toMatchObject({ code: "QUEUE_FULL" });
    observer.actions.cancel();
    expect(await answers[99]).toMatchObject({ name: "AbortError" });
  });

  it("in a queue, cancel ends all of them", async () => {
    const observer = observe({ mode: "queue" });
    runtime.backend.hold(true);
    const answers = [1, 2, 3].map((x) => rejection(observer.actions.predict({ x })));
    await settle();
    observer.actions.cancel();
    expect(await Promise.all(answers)).toEqual(answers.map(() => expect.objectContaining({ name: "AbortError" })));
    expect(runtime.backend.runs).toHaveLength(1);
  });

  it("is refused where the mode says so, and the first is not disturbed", async () => {
    const observer = observe({ mode: "reject" });
    const first = observer.actions.predict({ x: 1 });
    expect(await rejection(observer.actions.predict({ x: 2 }))).toMatchObject({ code: "QUEUE_FULL" });
    expect(observer.getState().status).toBe("pending");
    expect(await first).toEqual({ y: 2 });
  });
});

/** What may happen, in any order. */
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("predict" as const), x: fc.integer({ min: 1, max: 1000 }) }),
    fc.record({ kind: fc.constant("fail" as const) }),
    fc.record({ kind: fc.constant("release" as const), count: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ kind: fc.constant("cancel" as const) }),
    fc.record({ kind: fc.constant("settle" as const) }),
  ),
  { maxLength: 25 },
);

describe.each(["latest", "queue", "reject"] as const)("in mode %s, whatever the order of calls, answers and cancels", (mode) => {
  it("every call settles once, old answers never come after newer ones, and the end is that of the newest call", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const observer = observe({ mode });
        runtime.backend.hold(true);
        const shown: number[] = [];
        observer.subscribe(() => {
          const { data } = observer.getState();
          if (data !== undefined && data.y !== shown.at(-1)) shown.push(data.y);
        });
        const made: { y: number | undefined; settled: number; result: unknown }[] = [];
        const call = (x: number | string): void => {
          const one = { y: typeof x === "number" ? 2 * x : undefined, settled: 0, result: undefined as unknown };
          made.push(one);
          observer.actions.predict({ x } as Input).then(
            (value) => Object.assign(one, { settled: one.settled + 1, result: value }),
            (error: unknown) => Object.assign(one, { settled: one.settled + 1, result: error }),
          );
        };
        for (const [i, step] of plan.entries()) {
          // Each call's answer is its own.
          if (step.kind === "predict") call(step.x + 10_000 * i);
          if (step.kind === "fail") call("no number");
          if (step.kind === "release") runtime.backend.release(step.count);
          if (step.kind === "cancel") observer.actions.cancel();
          if (step.kind !== "predict") await settle();
        }
        runtime.backend.hold(false);
        for (let i = 0; i < made.length + 2; i++) {
          runtime.backend.release();
          await settle();
          await settle();
        }
        const { status, data } = observer.getState();
        expect(made.filter(({ settled }) => settled !== 1)).toEqual([]);
        expect(status).not.toBe("pending");
        const order = shown.map((y) => made.findIndex((one) => one.y === y));
        expect(order).toEqual([...order].sort((a, b) => a - b));
        const answered = made.filter(({ y, result }) => y !== undefined && (result as Output)?.y === y);
        if (answered.length > 0) expect(data?.y).toBe(answered.at(-1)?.y);
        else expect(data).toBeUndefined();
        for (const { y } of answered) expect(shown).toContain(y);
      }),
      { numRuns: 150 },
    );
  });
});
