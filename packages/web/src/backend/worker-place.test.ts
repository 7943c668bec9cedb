import { BackendError } from "@predikt/core";
import { type Place, PlaceLost } from "@predikt/core/runtime";
import { describe, expect, it } from "vitest";
import { loaded } from "../../test/fake-worker.ts";
import type { Started } from "./fleet.ts";
import { compare, patient, workerPlace } from "./worker-place.ts";

/** A place over a host that notes what it was asked. */
function made(device: string, isInline = false) {
  const asked: { readonly name: string; readonly limitMs: number }[] = [];
  let fails: unknown;
  let left = 0;
  const host = {
    ended: false,
    inTurn: async (name: string, _ask: object, { limitMs }: { limitMs: number }) => {
      asked.push({ name, limitMs });
      if (fails !== undefined) throw fails;
      return {};
    },
  };
  const started = {
    host,
    files: { kind: "jspi", mjs: "m", wasm: "https://a.test/ort/w.wasm" },
    threads: 2,
    runtime: "ort",
    isInline,
    leave: () => left++,
  } as unknown as Started;
  const place = workerPlace({ started, device, loaded, opened: { session: 3, outputs: [] }, skipped: [], hangTimeoutMs: 100 });
  const fail = (error: unknown): void => {
    fails = error;
  };
  return { place, host, asked, fail, leaves: () => left };
}

describe("a place in a worker", () => {
  it("is patient with the first run on a GPU, which compiles shaders, until one has succeeded", async () => {
    const { place, asked, fail } = made("webgpu");
    fail(new BackendError("BACKEND_RUN", "no"));
    await place.run({}, {}).catch(() => {});
    fail(undefined);
    await place.run({}, {});
    await place.run({}, {});
    expect(asked.map(({ limitMs }) => limitMs)).toEqual([1000, 1000, 100]);
    const wasm = made("wasm");
    await wasm.place.run({}, {});
    expect(wasm.asked[0]?.limitMs).toBe(100);
  });

  it("is lost when its worker has ended", () => {
    const { place, host } = made("wasm");
    expect(place.isLost).toBe(false);
    host.ended = true;
    expect(place.isLost).toBe(true);
  });

  it("tells where and in what it runs", () => {
    expect(made("wasm").place).toMatchObject({ device: "wasm", execution: "worker" });
    expect(made("wasm", true).place.execution).toBe("inline");
    expect(made("wasm").place.details).toMatchObject({ runtimeFile: "w.wasm", runtimeKind: "jspi", threads: 2 });
  });

  it("releases its session and leaves its worker, even where that has gone", async () => {
    const { place, asked, leaves, fail } = made("wasm");
    fail(new PlaceLost(new BackendError("BACKEND_LOST", "gone"), false));
    await place.close();
    expect([asked.map(({ name }) => name), leaves()]).toEqual([["release"], 1]);
  });

  it("never waits longer than a timer can", () => {
    expect(patient(2 ** 31 - 1)).toBe(2 ** 31 - 1);
  });
});

describe("a comparison with WebAssembly", () => {
  const timed = (device: string, time: () => Promise<number>, modelBytes = 10, run: () => Promise<object> = async () => ({})) => {
    const place = { device, modelBytes, details: { runtimeKind: "jspi" }, run, time, closes: 0, close: async () => void place.closes++ };
    return place;
  };
  const asPlace = (place: object): Place => place as unknown as Place;
  const never = async (): Promise<never> => {
    throw new Error("it is not to be opened");
  };

  it("takes the faster place and closes the other, in the same build of the runtime", async () => {
    for (const [gpu, cpu] of [
      [3, 1],
      [1, 3],
    ] as const) {
      const [webgpu, wasm] = [timed("webgpu", async () => gpu), timed("wasm", async () => cpu)];
      const kinds: string[] = [];
      const result = await compare(asPlace(webgpu), {}, async (kind) => {
        kinds.push(kind);
        return asPlace(wasm);
      });
      expect(result).toEqual({ better: cpu < gpu ? wasm : undefined, measuredRunMs: { webgpu: gpu, wasm: cpu } });
      expect([webgpu.closes, wasm.closes, kinds]).toEqual([cpu < gpu ? 1 : 0, cpu < gpu ? 0 : 1, ["jspi"]]);
    }
  });

  it("is not made for a large model, nor where no GPU runs", async () => {
    expect(await compare(asPlace(timed("webgpu", async () => 1, 2 ** 24)), {}, never)).toBeUndefined();
    expect(await compare(asPlace(timed("wasm", async () => 1)), {}, never)).toBeUndefined();
  });

  it("keeps the GPU where WebAssembly does not take the model, or cannot run it, and leaves nothing open", async () => {
    const webgpu = timed("webgpu", async () => 1);
    expect(await compare(asPlace(webgpu), {}, never)).toBeUndefined();
    const wasm = timed("wasm", async () => {
      throw new BackendError("BACKEND_RUN", "no");
    });
    expect(await compare(asPlace(webgpu), {}, async () => asPlace(wasm))).toBeUndefined();
    expect([webgpu.closes, wasm.closes]).toEqual([0, 1]);
  });

  it.each([10, 2 ** 24])("takes WebAssembly where the GPU cannot run the model, however large (%i bytes)", async (bytes) => {
    const fails = (): Promise<never> => Promise.reject(new BackendError("BACKEND_RUN", "no shader"));
    const [webgpu, wasm] = [timed("webgpu", fails, bytes, fails), timed("wasm", async () => 5, bytes)];
    const reason = "its first run failed: no shader";
    expect(await compare(asPlace(webgpu), {}, async () => asPlace(wasm))).toEqual({ better: wasm, measuredRunMs: { wasm: 5 }, reason });
    expect([webgpu.closes, wasm.closes]).toEqual([1, 0]);
  });

  it("fails where the GPU's worker is lost", async () => {
    const lost = new PlaceLost(new BackendError("BACKEND_LOST", "gone"), true);
    const webgpu = timed(
      "webgpu",
      async () => 1,
      10,
      () => Promise.reject(lost),
    );
    await expect(compare(asPlace(webgpu), {}, never)).rejects.toBe(lost);
  });
});
