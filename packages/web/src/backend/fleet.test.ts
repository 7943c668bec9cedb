import { BackendError } from "@predikt/core";
import { settle } from "@predikt/core/testing";
import { describe, expect, it } from "vitest";
import { until, wasmOnly, workers } from "../../test/fake-worker.ts";
import { Fleet, type FleetOptions } from "./fleet.ts";

const options = (factory: () => Worker, more: Partial<FleetOptions> = {}): FleetOptions => ({
  base: undefined,
  threads: 1,
  worker: { factory },
  ...more,
});
const nothing = (): void => {};
/** A start that waits until it is told. */
function held() {
  let release: () => void = nothing;
  const waiting = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { start: () => waiting.then(() => "a runtime"), release };
}
const missing = (unreachable: boolean): BackendError =>
  new BackendError("BACKEND_MISSING", "no file", { details: { url: "u", unreachable } });
const failing = (error: Error) => ({
  start: async (): Promise<never> => {
    throw error;
  },
});

describe("the workers of a backend", () => {
  it("are asked once what the browser can do, and the one that was asked is used", async () => {
    const { started, factory } = workers({});
    const fleet = new Fleet();
    expect(await Promise.all([fleet.probe(options(factory)), fleet.probe(options(factory))])).toEqual([wasmOnly, wasmOnly]);
    const { host, leave, runtime } = await fleet.join("wasm", options(factory), nothing);
    expect([started.length, runtime, host.ended]).toEqual([1, "a runtime", false]);
    expect(started[0]?.calls).toEqual(["ping", "probe", "start"]);
    leave();
  });

  it("tell the start of the runtime as progress from 0 to 1", async () => {
    const { factory } = workers({});
    const ratios: unknown[] = [];
    const { leave } = await new Fleet().join("wasm", options(factory), ({ phase, ratio }) => ratios.push([phase, ratio]));
    expect(ratios).toEqual([
      ["runtime", 0],
      ["runtime", 1],
    ]);
    leave();
  });

  it("are shared by those who need the same build and threads; the last to leave ends them", async () => {
    const { started, factory, running } = workers({});
    const fleet = new Fleet();
    const join = (kind: "wasm" | "jspi", threads = 1) => fleet.join(kind, options(factory, { threads }), nothing);
    const [a, b, gpu, threaded] = await Promise.all([join("wasm"), join("wasm"), join("jspi"), join("wasm", 2)]);
    expect([a?.host === b?.host, started.length]).toEqual([true, 3]);
    a?.leave();
    a?.leave();
    expect(running()).toBe(3);
    b?.leave();
    expect(running()).toBe(2);
    gpu?.leave();
    threaded?.leave();
    expect(running()).toBe(0);
  });

  it("are new for who joins right after the last has left, and shared again from then on", async () => {
    const { started, factory, running } = workers({});
    const fleet = new Fleet();
    const first = await fleet.join("wasm", options(factory), nothing);
    first.leave();
    const second = await fleet.join("wasm", options(factory), nothing);
    const third = await fleet.join("wasm", options(factory), nothing);
    expect([second.host === third.host, started.length]).toEqual([true, 2]);
    second.leave();
    third.leave();
    expect(running()).toBe(0);
  });

  it("are replaced where one was lost", async () => {
    const { started, factory } = workers({});
    const fleet = new Fleet();
    const first = await fleet.join("wasm", options(factory), nothing);
    first.host.end();
    const second = await fleet.join("wasm", options(factory), nothing);
    first.leave();
    expect([second.host.ended, started.length]).toEqual([false, 2]);
    second.leave();
  });

  it("that were asked for another's options are not taken for these", async () => {
    const [one, other] = [workers({}), workers({})];
    const fleet = new Fleet();
    await fleet.probe(options(one.factory));
    const { leave } = await fleet.join("wasm", options(other.factory), nothing);
    expect([other.started.length, one.running()]).toEqual([1, 0]);
    leave();
  });

  it("that were only asked are ended when nobody comes to use them", async () => {
    const { factory, running } = workers({});
    const fleet = new Fleet();
    await fleet.probe(options(factory));
    expect(running()).toBe(1);
    fleet.dismiss();
    expect(running()).toBe(0);
    const { leave } = await fleet.join("wasm", options(factory), nothing);
    leave();
  });

  it("that cannot be asked are asked again, and do not fail whose worker starts", async () => {
    const broken = workers({
      ping: async () => {
        throw new BackendError("BACKEND_MISSING", "not there");
      },
    });
    const good = workers({});
    const fleet = new Fleet();
    const [first, second] = [fleet.probe(options(broken.factory)), fleet.probe(options(good.factory))];
    await expect(first).rejects.toMatchObject({ code: "BACKEND_MISSING" });
    expect(await second).toEqual(wasmOnly);
    expect(await fleet.probe(options(broken.factory))).toEqual(wasmOnly);
    fleet.dismiss();
  });
});

describe("a runtime that does not start", () => {
  it("is tried once more in another worker, since it starts once in each", async () => {
    const { started, factory, running } = workers(failing(new BackendError("BACKEND_UNAVAILABLE", "bad luck")), {});
    const { leave } = await new Fleet().join("wasm", options(factory), nothing);
    expect([started.length, running()]).toEqual([2, 1]);
    leave();
  });

  it("fails with its own error the second time, and leaves nothing running; the next to join tries again", async () => {
    const bad = failing(new BackendError("BACKEND_MEMORY", "no more"));
    const { factory, running } = workers(bad, bad, {});
    const fleet = new Fleet();
    await expect(fleet.join("wasm", options(factory), nothing)).rejects.toMatchObject({ name: "BackendError", code: "BACKEND_MEMORY" });
    expect(running()).toBe(0);
    const { leave } = await fleet.join("wasm", options(factory), nothing);
    leave();
  });

  it("for want of a file is not tried again", async () => {
    const { started, factory } = workers(failing(missing(false)));
    await expect(new Fleet().join("wasm", options(factory), nothing)).rejects.toMatchObject({ code: "BACKEND_MISSING" });
    expect(started).toHaveLength(1);
  });

  it("for want of a network is tried with what was kept", async () => {
    const kepts: boolean[] = [];
    const { factory } = workers(failing(missing(true)), {
      start: async ({ kept }) => {
        kepts.push(kept);
        return "a runtime";
      },
    });
    const { leave } = await new Fleet().join("wasm", options(factory), nothing);
    expect(kepts).toEqual([true]);
    leave();
  });
});

describe("a start that is aborted", () => {
  it("ends at once with the reason, and ends the worker that nobody waits for", async () => {
    const { start, release } = held();
    const { started, factory, running } = workers({ start });
    const fleet = new Fleet();
    const controller = new AbortController();
    const joining = fleet.join("wasm", options(factory), nothing, controller.signal);
    await until(() => started[0]?.calls.includes("start") === true);
    controller.abort("gone");
    await expect(joining).rejects.toBe("gone");
    await settle();
    expect([running(), started.length]).toEqual([0, 1]);
    release();
  });

  it("while its script loads starts no runtime", async () => {
    let answer: () => void = nothing;
    const { started, factory, running } = workers({
      ping: () =>
        new Promise((resolve) => {
          answer = () => resolve(undefined);
        }),
    });
    const controller = new AbortController();
    const joining = new Fleet().join("wasm", options(factory), nothing, controller.signal);
    await until(() => started[0]?.calls.includes("ping") === true);
    controller.abort("gone");
    await expect(joining).rejects.toBe("gone");
    answer();
    await until(() => running() === 0);
    expect(started.map(({ calls }) => calls)).toEqual([["ping"]]);
  });

  it("goes on for another who waits for it", async () => {
    const { start, release } = held();
    const { factory, running } = workers({ start });
    const fleet = new Fleet();
    const controller = new AbortController();
    const aborted = fleet.join("wasm", options(factory), nothing, controller.signal);
    const waiting = fleet.join("wasm", options(factory), nothing);
    controller.abort("gone");
    await expect(aborted).rejects.toBe("gone");
    release();
    const { host, leave } = await waiting;
    expect([host.ended, running()]).toEqual([false, 1]);
    leave();
    expect(running()).toBe(0);
  });

  it("before it begins starts nothing", async () => {
    const { started, factory } = workers({});
    await expect(new Fleet().join("wasm", options(factory), nothing, AbortSignal.abort("no"))).rejects.toBe("no");
    expect(started).toEqual([]);
  });
});
