import { describe, expect, it } from "vitest";
import { untilAborted } from "./until-aborted.ts";

describe("work that may be aborted", () => {
  it("ends as it ends", async () => {
    const { signal } = new AbortController();
    expect(await untilAborted(Promise.resolve(1), undefined)).toBe(1);
    expect(await untilAborted(Promise.resolve(1), signal)).toBe(1);
    await expect(untilAborted(Promise.reject(new Error("no")), signal)).rejects.toThrow("no");
  });

  it("ends with the signal's own reason at once, and what comes late is handed on", async () => {
    const controller = new AbortController();
    let finish: (value: number) => void = () => {};
    const work = new Promise<number>((resolve) => {
      finish = resolve;
    });
    const late: number[] = [];
    const waiting = untilAborted(work, controller.signal, (value) => late.push(value));
    const reason = { why: "left" };
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    finish(5);
    await work;
    expect(late).toEqual([5]);
  });

  it("of a signal that has fired already ends so too, and its failure goes unheard", async () => {
    await expect(untilAborted(Promise.reject(new Error("no")), AbortSignal.abort("gone"))).rejects.toBe("gone");
  });

  it("listens no longer than it lasts", async () => {
    let listeners = 0;
    const counting = {
      aborted: false,
      reason: undefined,
      addEventListener: () => listeners++,
      removeEventListener: () => listeners--,
    };
    await untilAborted(Promise.resolve(1), counting);
    await Promise.resolve();
    expect(listeners).toBe(0);
  });
});
