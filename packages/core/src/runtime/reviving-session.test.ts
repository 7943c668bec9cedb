import { describe, expect, it } from "vitest";
import { BackendError, ModelError } from "../errors/index.ts";
import { FakeClock, settle } from "../testing/fake-clock.ts";
import type { BackendEvent, RunOptions, Tensors } from "../types/index.ts";
import { Circuit } from "./circuit.ts";
import { type Comparison, type Place, PlaceLost, RevivingSession } from "./reviving-session.ts";

type Behaviour = () => Promise<Tensors> | Tensors;

const feeds: Tensors = {};
const answer: Tensors = { y: { type: "float32", data: new Float32Array([1]), dims: [1] } };
const answers: Behaviour = () => answer;
const gone = (reason: string): BackendError => new BackendError("BACKEND_LOST", reason);

class FakePlace implements Place {
  readonly signature = { inputs: [], outputs: [] };
  readonly metadata = {};
  readonly digest = "d";
  readonly modelBytes = 1;
  readonly batchUnsafeOps = [];
  readonly execution = "worker";
  readonly details = {};
  readonly runs: RunOptions[] = [];
  isLost = false;
  closes = 0;
  readonly device: string;
  readonly skipped: Place["skipped"];
  readonly #behaviours: Behaviour[];

  /** @param behaviours What its runs do, one after another; it answers when they are used up. */
  constructor(device: string, behaviours: Behaviour[] = [], skipped: Place["skipped"] = []) {
    this.device = device;
    this.skipped = skipped;
    this.#behaviours = behaviours;
  }

  async run(_feeds: Tensors, options: RunOptions): Promise<Tensors> {
    this.runs.push(options);
    return (this.#behaviours.shift() ?? answers)();
  }

  async close(): Promise<void> {
    this.closes++;
  }

  /** A run in which it is lost. */
  loses(reason = "it hangs", executing = true): Behaviour {
    return () => {
      this.isLost = true;
      throw new PlaceLost(gone(reason), executing);
    };
  }

  with(...make: ((place: FakePlace) => Behaviour)[]): this {
    this.#behaviours.push(...make.map((each) => each(this)));
    return this;
  }
}

const losing = (device = "wasm", reason?: string): FakePlace => new FakePlace(device).with((place) => place.loses(reason));

interface Made {
  readonly devices?: readonly string[];
  readonly compare?: () => Promise<Comparison | undefined>;
  readonly reopen?: (devices: readonly string[]) => Promise<Place>;
}

/** A session in the first of the places; each time it reopens, it gets the next one. */
function made([first, ...next]: [FakePlace, ...(FakePlace | Error)[]], { devices = ["wasm"], compare, reopen }: Made = {}) {
  const clock = new FakeClock();
  const events: BackendEvent[] = [];
  const reopened: (readonly string[])[] = [];
  const onEvent = (event: BackendEvent): void => {
    events.push(event);
  };
  const session = new RevivingSession({
    place: first,
    devices,
    skipped: [{ device: "npu", reason: "not there" }],
    circuit: new Circuit(clock, onEvent),
    reopen:
      reopen ??
      (async (given) => {
        reopened.push(given);
        const place = next.shift();
        if (!(place instanceof FakePlace)) throw place ?? new Error("no place is left");
        return place;
      }),
    compare,
    onEvent,
  });
  return { session, clock, events, reopened, types: () => events.map(({ type }) => type) };
}

describe("a session that outlives its places", () => {
  it("runs where it was opened, and passes its options and errors on", async () => {
    const refused = new BackendError("BACKEND_RUN", "no");
    const place = new FakePlace("wasm", [
      answers,
      () => {
        throw refused;
      },
    ]);
    const { session, types } = made([place]);
    const options = { priority: "high" } as const;
    expect(await session.run(feeds, options)).toBe(answer);
    expect(place.runs).toEqual([options]);
    await expect(session.run(feeds)).rejects.toBe(refused);
    expect(types()).toEqual([]);
  });

  it("replaces a place that is lost, and does once more what it did; the old one is closed first", async () => {
    const [before, after] = [losing(), new FakePlace("wasm")];
    const { session, events, reopened } = made([before, after]);
    expect(await session.run(feeds)).toBe(answer);
    expect([before.closes, after.closes, after.runs.length]).toEqual([1, 0, 1]);
    expect(reopened).toEqual([["wasm"]]);
    expect(events).toEqual([
      { type: "worker-lost", detail: { device: "wasm", code: "BACKEND_LOST", reason: "it hangs" } },
      { type: "worker-replaced", detail: { device: "wasm" } },
    ]);
  });

  it("replaces a place that was lost between two runs before the next one", async () => {
    const before = new FakePlace("wasm");
    const { session, types } = made([before, new FakePlace("wasm")]);
    before.isLost = true;
    expect(await session.run(feeds)).toBe(answer);
    expect(before.runs).toEqual([]);
    expect(types()).toEqual(["worker-replaced"]);
  });

  it("goes to the next device where a run is lost twice, says so in info and in an event, and stays there", async () => {
    const places: [FakePlace, FakePlace, FakePlace] = [losing("webgpu"), losing("webgpu", "it hangs again"), new FakePlace("wasm")];
    const { session, events, reopened, types } = made(places, { devices: ["webgpu", "wasm"] });
    expect(await session.run(feeds)).toBe(answer);
    expect(reopened).toEqual([["webgpu", "wasm"], ["wasm"]]);
    expect(types()).toEqual(["worker-lost", "worker-replaced", "worker-lost", "worker-replaced", "device-changed"]);
    expect(events.at(-1)?.detail).toEqual({ from: "webgpu", to: "wasm", reason: "it hangs again" });
    expect(session.device).toBe("wasm");
    expect(session.skipped).toEqual([
      { device: "npu", reason: "not there" },
      { device: "webgpu", reason: "it hangs again" },
    ]);
  });

  it("tells the reason of a device that does not take the model any more", async () => {
    const skipped = [{ device: "webgpu", reason: "no adapter" }];
    const { session, events } = made([losing("webgpu"), new FakePlace("wasm", [], skipped)], { devices: ["webgpu", "wasm"] });
    await session.run(feeds);
    expect(events.at(-1)).toEqual({ type: "device-changed", detail: { from: "webgpu", to: "wasm", reason: "no adapter" } });
    expect(session.skipped).toContainEqual(skipped[0]);
  });

  it("fails with what has happened where there is no next device", async () => {
    const { session } = made([losing(), losing("wasm", "it hangs again"), new FakePlace("wasm")]);
    await expect(session.run(feeds)).rejects.toMatchObject({ code: "BACKEND_LOST", message: "it hangs again" });
    expect(await session.run(feeds)).toBe(answer);
  });

  it("does not count what another has broken, however often: it tries again", async () => {
    const innocent = (): FakePlace => new FakePlace("wasm").with((place) => place.loses("another's run hangs", false));
    const { session, types } = made([innocent(), innocent(), innocent(), innocent(), new FakePlace("wasm")]);
    expect(await session.run(feeds)).toBe(answer);
    expect(types()).toEqual(["worker-replaced", "worker-replaced", "worker-replaced", "worker-replaced"]);
  });

  it("does not do once more what nobody waits for any more", async () => {
    const place = new FakePlace("wasm");
    const { session, reopened } = made([place, new FakePlace("wasm")]);
    const controller = new AbortController();
    place.with((it) => () => {
      controller.abort("gone");
      return it.loses()();
    });
    await expect(session.run(feeds, { abandoned: controller.signal })).rejects.toBe("gone");
    expect(reopened).toEqual([]);
    expect(await session.run(feeds)).toBe(answer);
  });

  it("reopens once for all who wait for it", async () => {
    const before = new FakePlace("wasm");
    before.isLost = true;
    const { session, reopened } = made([before, new FakePlace("wasm")]);
    await Promise.all([session.run(feeds), session.run(feeds)]);
    expect(reopened).toHaveLength(1);
  });

  it("fails with what reopening failed with, and tries again with the next run", async () => {
    const error = new ModelError("MODEL_FETCH", "no network");
    const { session } = made([losing(), error, new FakePlace("wasm")]);
    await expect(session.run(feeds)).rejects.toBe(error);
    expect(await session.run(feeds)).toBe(answer);
  });

  describe("after three losses", () => {
    it("refuses at once and says when to come again; after the rest, it tries, and one more loss is enough", async () => {
      const { session, clock, types } = made([losing(), losing(), losing(), losing(), new FakePlace("wasm")]);
      await expect(session.run(feeds)).rejects.toMatchObject({ message: "it hangs" });
      const refused = { code: "BACKEND_LOST", details: { losses: 3, retryAfterMs: 30_000 } };
      await expect(session.run(feeds)).rejects.toMatchObject(refused);
      expect(types().filter((type) => type === "circuit-opened")).toHaveLength(1);
      await clock.advance(29_999);
      await expect(session.run(feeds)).rejects.toMatchObject({ details: { retryAfterMs: 1 } });
      await clock.advance(1);
      await expect(session.run(feeds)).rejects.toMatchObject(refused);
      await clock.advance(30_000);
      expect(await session.run(feeds)).toBe(answer);
    });

    it("still goes to the next device, of which they say nothing", async () => {
      const { session, types } = made(
        [
          losing("webgpu"),
          new FakePlace("webgpu").with(
            () => answers,
            (p) => p.loses(),
          ),
          losing("webgpu"),
          new FakePlace("wasm"),
        ],
        {
          devices: ["webgpu", "wasm"],
        },
      );
      expect(await session.run(feeds)).toBe(answer);
      expect(await session.run(feeds)).toBe(answer);
      expect(session.device).toBe("wasm");
      expect(types()).not.toContain("circuit-opened");
    });
  });

  describe("that compares devices", () => {
    const devices = ["webgpu", "wasm"];

    it("moves to the faster place, with the reason and the times in info and in an event", async () => {
      const [before, better] = [new FakePlace("webgpu"), new FakePlace("wasm")];
      const measuredRunMs = { webgpu: 3, wasm: 1.234 };
      const { session, events } = made([before], { devices, compare: async () => ({ better, measuredRunMs }) });
      await session.calibrate(feeds);
      expect([session.device, session.details]).toEqual(["wasm", { measuredRunMs }]);
      const reason = "slower for this model: a run takes 3.00 ms on webgpu, 1.23 ms on wasm";
      expect(session.skipped).toContainEqual({ device: "webgpu", reason });
      expect(events).toEqual([{ type: "device-changed", detail: { from: "webgpu", to: "wasm", reason } }]);
      await session.run(feeds);
      expect(better.runs).toHaveLength(1);
      await session.close();
      expect(better.closes).toBe(1);
    });

    it("stays where it is fast, and tells the times", async () => {
      const measuredRunMs = { webgpu: 1, wasm: 3 };
      const { session, events } = made([new FakePlace("webgpu")], { devices, compare: async () => ({ better: undefined, measuredRunMs }) });
      await session.calibrate(feeds);
      expect([session.device, session.details, events]).toEqual(["webgpu", { measuredRunMs }, []]);
    });

    it("tells no times where there was nothing to compare", async () => {
      const { session } = made([new FakePlace("wasm")], { compare: async () => undefined });
      await session.calibrate(feeds);
      expect(session.details).toEqual({});
    });

    it("counts a place that is lost meanwhile, and leaves the rest to the next run", async () => {
      const before = new FakePlace("webgpu");
      const compare = async (): Promise<never> => {
        before.isLost = true;
        throw new PlaceLost(gone("it hangs"), true);
      };
      const { session, types } = made([before, new FakePlace("webgpu")], { devices, compare });
      await session.calibrate(feeds);
      expect(await session.run(feeds)).toBe(answer);
      expect(types()).toEqual(["worker-lost", "worker-replaced"]);
    });

    it("fails with what a run fails with", async () => {
      const error = new BackendError("BACKEND_RUN", "no");
      const { session } = made([new FakePlace("webgpu")], { devices, compare: () => Promise.reject(error) });
      await expect(session.calibrate(feeds)).rejects.toBe(error);
    });

    it("closes the better place, too, where it was closed meanwhile", async () => {
      const better = new FakePlace("wasm");
      const compare = async (): Promise<Comparison> => {
        await session.close();
        return { better, measuredRunMs: { webgpu: 2, wasm: 1 } };
      };
      const { session, events } = made([new FakePlace("webgpu")], { devices, compare });
      await session.calibrate(feeds);
      expect(better.closes).toBe(1);
      expect(events).toEqual([]);
    });
  });

  describe("that is closed", () => {
    it("closes its place once, and takes nothing more", async () => {
      const place = new FakePlace("wasm");
      const { session } = made([place]);
      await Promise.all([session.close(), session.close()]);
      expect(place.closes).toBe(1);
      await expect(session.run(feeds)).rejects.toMatchObject({ code: "CLOSED" });
    });

    it("while it reopens, lets what waits for that be done, and closes the new place after it", async () => {
      let open: (place: Place) => void = () => {};
      const opening = new Promise<Place>((resolve) => {
        open = resolve;
      });
      const after = new FakePlace("wasm");
      const { session } = made([losing()], { reopen: () => opening });
      const running = session.run(feeds);
      await settle();
      const closing = session.close();
      await settle();
      expect(after.closes).toBe(0);
      open(after);
      expect(await running).toBe(answer);
      await closing;
      expect(after.closes).toBe(1);
    });

    it("while reopening fails, is closed all the same", async () => {
      let fail: (error: Error) => void = () => {};
      const opening = new Promise<Place>((_resolve, reject) => {
        fail = reject;
      });
      const { session } = made([losing()], { reopen: () => opening });
      const running = session.run(feeds);
      await settle();
      const closing = session.close();
      fail(gone("no more"));
      await expect(running).rejects.toMatchObject({ message: "no more" });
      await closing;
    });
  });

  it("tells the facts of the place in which it is", () => {
    const place = new FakePlace("wasm");
    const { session } = made([place]);
    const { signature, metadata, digest, modelBytes, batchUnsafeOps, device, execution, details } = place;
    expect(session).toMatchObject({ signature, metadata, digest, modelBytes, batchUnsafeOps, device, execution, details, concurrency: 1 });
  });
});
