import { BackendError, LifecycleError, ModelError, type PrediktError } from "@predikt/core";
import { PlaceLost } from "@predikt/core/runtime";
import { describe, expect, it } from "vitest";
import { loaded } from "../../test/fake-worker.ts";
import type { LoadNews, LoadSpec, RuntimeKind } from "../worker/protocol.ts";
import type { Candidate } from "./choose.ts";
import type { Fleet, Started } from "./fleet.ts";
import { type Opening, openOnFirst } from "./open.ts";

const wasm: Candidate = { device: "wasm", kinds: ["wasm"] };
const webgpu: Candidate = { device: "webgpu", kinds: ["jspi", "asyncify"] };
const spec = { source: "https://a.test/m.onnx", refresh: false, external: {}, store: "auto" } as unknown as LoadSpec;

interface Script {
  /** What a worker's load, and its opening of a session, does. Default: they succeed. */
  load?(spec: LoadSpec, tell: (news: LoadNews) => void): Promise<typeof loaded> | typeof loaded;
  create?(device: string, kind: RuntimeKind): unknown;
  join?(kind: RuntimeKind): unknown;
}

/** A fleet whose workers do what the script says, and what was asked of it. */
function made({ load = () => loaded, create = () => {}, join = () => {} }: Script, opening: Partial<Opening> = {}) {
  const log: string[] = [];
  const hosts: { ended: boolean }[] = [];
  let users = 0;
  const fleet = {
    async join(kind: RuntimeKind): Promise<Started> {
      log.push(`join ${kind}`);
      await join(kind);
      const host = {
        ended: false,
        async ask(name: string, ask: { spec: LoadSpec; model: number }, hooks: { onNews?: (news: LoadNews) => void }) {
          log.push(name === "load" && ask.spec.refresh ? "load afresh" : name);
          if (name !== "load") return undefined;
          return load(ask.spec, hooks.onNews ?? (() => {}));
        },
        async inTurn(name: string, { device }: { device: string }) {
          log.push(`${name} ${device}`);
          try {
            await create(device, kind);
          } catch (error) {
            if (error instanceof PlaceLost) host.ended = true;
            throw error;
          }
          return { session: 1, outputs: [] };
        },
      };
      hosts.push(host);
      users++;
      let left = false;
      const leave = (): void => {
        if (!left) users--;
        left = true;
      };
      return { host, files: { kind, mjs: "m", wasm: "/ort/w.wasm" }, threads: 1, isInline: false, runtime: "ort", leave } as never;
    },
  } as unknown as Fleet;
  const open = (candidates: readonly Candidate[]) =>
    openOnFirst(candidates, {
      fleet,
      fleetOptions: { base: undefined, worker: { factory: () => ({}) as Worker }, threads: 1 },
      spec,
      sessionOptions: {},
      hangTimeoutMs: 10,
      onProgress: () => {},
      onEvent: () => {},
      ...opening,
    });
  return { open, log, hosts, users: () => users };
}

const failed = (error: PrediktError) => (): never => {
  throw error;
};
const unsupported = new ModelError("MODEL_UNSUPPORTED", "no such operator");
const unavailable = new BackendError("BACKEND_UNAVAILABLE", "no adapter");

describe("a model", () => {
  it("is opened on the first candidate that takes it, and its bytes are let go", async () => {
    const { open, log } = made({});
    const place = await open([webgpu, wasm]);
    expect(place).toMatchObject({ device: "webgpu", skipped: [], execution: "worker", digest: "d", modelBytes: 10 });
    expect(place.details).toEqual({ runtime: "ort", runtimeFile: "w.wasm", runtimeKind: "jspi", threads: 1, fromCache: false });
    expect(log).toEqual(["join jspi", "load", "create webgpu", "forget", "keep"]);
  });

  it("goes to the next device in the same runtime where the first refuses it, and says why", async () => {
    const { open, log, users } = made({
      create: (device) => {
        if (device === "webgpu") throw unavailable;
      },
    });
    const place = await open([webgpu, wasm]);
    expect([place.device, place.skipped, users()]).toEqual([
      "wasm",
      [{ device: "webgpu", reason: expect.stringContaining("no adapter") }],
      1,
    ]);
    // One build of the runtime runs both.
    expect(log.filter((each) => each.startsWith("join"))).toEqual(["join jspi"]);
    expect(place.details["runtimeKind"]).toBe("jspi");
  });

  it("is tried with a device's other build where one does not start; each is told under the device's name", async () => {
    const { open } = made({
      join: (kind) => {
        if (kind === "jspi") throw new BackendError("BACKEND_MISSING", "no jspi file");
      },
    });
    const place = await open([webgpu, wasm]);
    expect(place.details["runtimeKind"]).toBe("asyncify");
    expect(place.skipped).toEqual([{ device: "webgpu", reason: `build jspi: no jspi file` }]);
  });

  it("that no device takes is an error with all that was tried, and leaves no worker behind", async () => {
    const { open, users } = made({ create: failed(unavailable) });
    const error = await open([webgpu, wasm]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "BACKEND_UNAVAILABLE",
      details: { tried: [{ device: "webgpu" }, { device: "wasm", reason: "no adapter" }] },
    });
    expect(users()).toBe(0);
  });

  it("with an operator that one device lacks is tried on the next; where all lack it, that is the error", async () => {
    const onWasm = made({
      create: (device) => {
        if (device === "webgpu") throw unsupported;
      },
    });
    expect((await onWasm.open([webgpu, wasm])).device).toBe("wasm");
    const nowhere = made({ create: failed(unsupported) });
    await expect(nowhere.open([webgpu, wasm])).rejects.toBe(unsupported);
    expect(nowhere.users()).toBe(0);
  });

  it.each([
    ["MODEL_NOT_FOUND", new ModelError("MODEL_NOT_FOUND", "404")],
    ["MODEL_FETCH", new ModelError("MODEL_FETCH", "network")],
    ["MODEL_INTEGRITY", new ModelError("MODEL_INTEGRITY", "hash")],
    ["MODEL_REFUSED", new ModelError("MODEL_REFUSED", "too large")],
    ["MODEL_INVALID", new ModelError("MODEL_INVALID", "broken")],
  ])("that is at fault itself ends the search: %s", async (_code, error) => {
    const { open, log, users } = made({ load: failed(error) });
    await expect(open([webgpu, wasm])).rejects.toBe(error);
    expect([log, users()]).toEqual([["join jspi", "load"], 0]);
  });

  it("that breaks its worker goes to the next device in a new one", async () => {
    const memory = new BackendError("BACKEND_MEMORY", "no more");
    const { open, log, users } = made({
      create: (device) => {
        if (device === "webgpu") throw new PlaceLost(memory, true);
      },
    });
    const place = await open([{ device: "webgpu", kinds: ["jspi"] }, wasm]);
    expect([place.device, users()]).toEqual(["wasm", 1]);
    expect(log.filter((each) => each.startsWith("join"))).toEqual(["join jspi", "join wasm"]);
  });

  it("whose worker another has broken is opened again, but not for ever", async () => {
    let breaks = 3;
    const others = (): void => {
      if (breaks-- > 0) throw new PlaceLost(new BackendError("BACKEND_LOST", "another's run hangs"), false);
    };
    const { open, users } = made({ create: others });
    const place = await open([wasm]);
    expect([place.skipped, users()]).toEqual([[], 1]);
    breaks = 1000;
    await expect(open([wasm])).rejects.toMatchObject({
      code: "BACKEND_UNAVAILABLE",
      message: expect.stringContaining("another's run hangs"),
    });
    expect(users()).toBe(1);
  });
});

describe("a stored model that the runtime cannot read", () => {
  const invalid = new ModelError("MODEL_INVALID", "not a model");
  const stored = { ...loaded, fromCache: true };

  it("is fetched afresh once, and both copies' bytes are let go", async () => {
    const { open, log } = made({
      load: ({ refresh }) => ({ ...stored, fromCache: !refresh }),
      create: (() => {
        let first = true;
        return () => {
          if (!first) return;
          first = false;
          throw invalid;
        };
      })(),
    });
    expect((await open([wasm])).device).toBe("wasm");
    expect(log).toEqual(["join wasm", "load", "create wasm", "forget", "load afresh", "create wasm", "forget", "keep"]);
  });

  it("is an error where the fresh one is no better, as where nothing was stored or it was given as bytes", async () => {
    const afresh = made({ load: () => stored, create: failed(invalid) });
    await expect(afresh.open([wasm])).rejects.toBe(invalid);
    expect(afresh.log.filter((each) => each.startsWith("load"))).toEqual(["load", "load afresh"]);
    const fetched = made({ create: failed(invalid) });
    await expect(fetched.open([wasm])).rejects.toBe(invalid);
    const bytes = made({ load: () => stored, create: failed(invalid) }, { spec: { ...spec, source: new Uint8Array(1) } });
    await expect(bytes.open([wasm])).rejects.toBe(invalid);
    for (const { log } of [fetched, bytes]) expect(log.filter((each) => each.startsWith("load"))).toEqual(["load"]);
  });
});

describe("a load that is aborted", () => {
  it.each([
    ["anything", "gone"],
    ["an error of ours", new LifecycleError("CLOSED", "the app closes")],
  ])("ends with the reason itself, be it %s, and tries no other device", async (_what, reason) => {
    const controller = new AbortController();
    const { open, log, users } = made(
      {
        load: () => {
          controller.abort(reason);
          throw reason;
        },
      },
      { signal: controller.signal },
    );
    await expect(open([webgpu, wasm])).rejects.toBe(reason);
    expect([log, users()]).toEqual([["join jspi", "load"], 0]);
  });
});

it("nothing is put by for days without a network where nothing is to be stored", async () => {
  const { open, log } = made({}, { spec: { ...spec, store: "none" } });
  await open([wasm]);
  expect(log).not.toContain("keep");
});
