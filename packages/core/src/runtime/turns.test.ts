import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { settle } from "../testing/fake-clock.ts";
import type { Priority } from "../types/index.ts";
import { Turns } from "./turns.ts";

/** Takes turns and notes who has begun; `end` ends the turn of the one that runs. */
function watched(turns = new Turns()) {
  const began: string[] = [];
  const ends: (() => void)[] = [];
  const take = (name: string, priority?: Priority, signal?: AbortSignal): Promise<void> =>
    turns.take(priority, signal).then((done) => {
      began.push(name);
      ends.push(done);
    });
  const end = async (): Promise<void> => {
    ends.shift()?.();
    await settle();
  };
  return { began, take, end };
}

describe("turns", () => {
  it("go to the most urgent first, and in order of arrival among equals", async () => {
    const { began, take, end } = watched();
    void take("running", "low");
    void take("low", "low");
    void take("normal 1");
    void take("high 1", "high");
    void take("normal 2", "normal");
    void take("high 2", "high");
    await settle();
    expect(began).toEqual(["running"]);
    for (let i = 0; i < 6; i++) await end();
    expect(began).toEqual(["running", "high 1", "high 2", "normal 1", "normal 2", "low"]);
  });

  it("are free again after the last", async () => {
    const { began, take, end } = watched();
    await take("a");
    await end();
    await take("b");
    expect(began).toEqual(["a", "b"]);
  });

  it("are not for one that has gone: it leaves the queue with its reason, and the others move up", async () => {
    const { began, take, end } = watched();
    const leaver = new AbortController();
    void take("a");
    const left = take("b", "high", leaver.signal);
    void take("c");
    leaver.abort("no more");
    await expect(left).rejects.toBe("no more");
    await end();
    expect(began).toEqual(["a", "c"]);
  });

  it("are not for one that had gone before, even where nobody waits", async () => {
    const { began, take } = watched();
    await expect(take("a", "normal", AbortSignal.abort("too late"))).rejects.toBe("too late");
    await take("b");
    await expect(take("c", "normal", AbortSignal.abort("too late"))).rejects.toBe("too late");
    expect(began).toEqual(["b"]);
  });

  it("do not end for one that goes while it has its turn", async () => {
    const { began, take, end } = watched();
    const goer = new AbortController();
    await take("a", "normal", goer.signal);
    const waiting = new AbortController();
    void take("b", "normal", waiting.signal);
    void take("c");
    await end();
    waiting.abort();
    goer.abort();
    await settle();
    expect(began).toEqual(["a", "b"]);
    await end();
    expect(began).toEqual(["a", "b", "c"]);
  });

  it("never overlap, and none is lost, whatever comes, goes and ends in which order", async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("take" as const), priority: fc.constantFrom<Priority>("high", "normal", "low") }),
      fc.record({ kind: fc.constant("leave" as const), which: fc.nat(20) }),
      fc.record({ kind: fc.constant("end" as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const turns = new Turns();
        const ends: (() => void)[] = [];
        const fates: string[] = [];
        const controllers: AbortController[] = [];
        let running = 0;
        const end = async (): Promise<void> => {
          const done = ends.shift();
          if (done === undefined) return;
          running--;
          done();
          await settle();
        };
        for (const each of steps) {
          if (each.kind === "take") {
            const id = controllers.length;
            const controller = new AbortController();
            controllers.push(controller);
            fates.push("waits");
            void turns.take(each.priority, controller.signal).then(
              (done) => {
                expect(++running).toBe(1);
                fates[id] = "had its turn";
                ends.push(done);
              },
              () => {
                expect(fates[id]).toBe("waits");
                fates[id] = "left";
              },
            );
            await settle();
          } else if (each.kind === "leave") controllers[each.which]?.abort();
          else await end();
        }
        while (ends.length > 0) await end();
        expect(fates).not.toContain("waits");
        expect(running).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
