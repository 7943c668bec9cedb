import { LifecycleError } from "@predikt/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loaded, until, wasmOnly, workers } from "../../test/fake-worker.ts";
import { pretend } from "../../test/globals.ts";
import { webBackend } from "./web-backend.ts";

let restore: () => void = () => {};
beforeEach(() => {
  restore = pretend({ location: { href: "https://app.test/" } });
});
afterEach(() => restore());
const source = "m.onnx";
/** A call that waits until it is told. */
function held<Answer>(answer: Answer) {
  let release: () => void = () => {};
  const waiting = new Promise<Answer>((resolve) => {
    release = () => resolve(answer);
  });
  return { call: () => waiting, release: () => release() };
}

describe("a session in the browser", () => {
  it("is opened in a worker, which ends with the last session", async () => {
    const { factory, running, started } = workers({});
    const backend = webBackend();
    const [one, other] = [
      await backend.open({ source, worker: { factory }, threads: 1 }),
      await backend.open({ source, worker: { factory }, threads: 1 }),
    ];
    expect([started.length, one.device, one.execution]).toEqual([1, "wasm", "worker"]);
    expect(one.skipped).toEqual([{ device: "webgpu", reason: "this browser has no WebGPU" }]);
    await one.close();
    expect(running()).toBe(1);
    await other.close();
    await other.close();
    expect(running()).toBe(0);
  });

  it("has its model loaded while the runtime starts, once", async () => {
    const start = held("a runtime");
    const { factory, started } = workers({ start: start.call });
    const opening = webBackend().open({ source, worker: { factory } });
    await until(() => started[0]?.calls.includes("load") === true);
    start.release();
    await (await opening).close();
    expect(started[0]?.calls.filter((name) => name === "load" || name === "create")).toEqual(["load", "create"]);
  });

  it("shares no worker with another backend's", async () => {
    const { factory, started, running } = workers({});
    const sessions = await Promise.all([webBackend(), webBackend()].map((backend) => backend.open({ source, worker: { factory } })));
    expect(started).toHaveLength(2);
    for (const session of sessions) await session.close();
    expect(running()).toBe(0);
  });

  it("has the threads that are asked for only where the page may share memory, and an event says so", async () => {
    const asked: number[] = [];
    const { factory } = workers({
      start: async ({ threads }) => {
        asked.push(threads);
        return "a runtime";
      },
    });
    const events: unknown[] = [];
    const session = await webBackend().open({ source, worker: { factory }, threads: 4, onEvent: (event) => events.push(event) });
    await session.close();
    expect(asked).toEqual([1]);
    expect(events).toEqual([{ type: "threads-limited", detail: { asked: 4, given: 1, reason: "the page is not cross-origin isolated" } }]);
  });

  it("that no device can have is an error with the reasons, and leaves no worker", async () => {
    const { factory, running } = workers({});
    const error = await webBackend()
      .open({ source, worker: { factory }, device: ["webgpu", "cuda"] })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "BACKEND_UNAVAILABLE", message: expect.stringMatching(/webgpu: .*no WebGPU; cuda: no device/) });
    expect(running()).toBe(0);
  });
});

describe("a load that is aborted", () => {
  const reason = new LifecycleError("CLOSED", "the app closes");

  it.each(["probe", "start", "load", "create"] as const)("while %s is under way ends at once, and leaves no worker", async (name) => {
    const answers = { probe: wasmOnly, start: "a runtime", load: undefined, create: { session: 1, outputs: [] } };
    const { call, release } = held(answers[name]);
    const { factory, started, running } = workers({ [name]: call });
    const controller = new AbortController();
    const opening = webBackend().open({ source, worker: { factory }, signal: controller.signal });
    await until(() => started[0]?.calls.includes(name) === true);
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
    release();
    await until(() => running() === 0);
    expect(started).toHaveLength(1);
  });

  it("before it begins starts nothing", async () => {
    const { factory, started } = workers({});
    const opening = webBackend().open({ source, worker: { factory }, signal: AbortSignal.abort(reason) });
    await expect(opening).rejects.toBe(reason);
    expect(started).toEqual([]);
  });

  it("leaves no bytes in a worker that others use", async () => {
    const loads: (() => void)[] = [];
    const { factory, started } = workers({
      load: (_ask, { id }) =>
        new Promise((resolve) => {
          loads.push(() => resolve({ ...loaded, model: id }));
        }),
    });
    const backend = webBackend();
    const other = backend.open({ source, worker: { factory } });
    await until(() => loads.length === 1);
    const controller = new AbortController();
    const opening = backend.open({ source, worker: { factory }, signal: controller.signal });
    await until(() => loads.length === 2);
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
    loads[1]?.();
    await until(() => started[0]?.calls.includes("forget") === true);
    loads[0]?.();
    await (await other).close();
  });
});
