import { FakeClock } from "@predikt/core/testing";
import { expect, it } from "vitest";
import { closedLoop, gapsOf, openLoop } from "./load.ts";

/** Takes so many milliseconds for each request, or as long as it stands still. */
function server(clock: FakeClock, ms: number) {
  let open: (() => void) | undefined;
  let gate: Promise<void> | undefined;
  return {
    ask: () => (gate ?? Promise.resolve()).then(() => new Promise<void>((resolve) => clock.after(ms, resolve))),
    stall() {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    },
    go() {
      open?.();
      gate = undefined;
    },
  };
}

it("open loop: a server that stalls is charged from when each request was due, though none was answered meanwhile", async () => {
  const clock = new FakeClock();
  const { ask, stall, go } = server(clock, 1);
  const latencies: number[] = [];
  const load = openLoop(ask, gapsOf(100, "constant"), (ms) => latencies.push(ms), clock);
  await clock.advance(95);
  expect(latencies).toEqual(new Array(10).fill(1));
  stall();
  await clock.advance(100);
  expect(latencies).toHaveLength(10);
  go();
  await clock.advance(1);
  // Due at 100, 110, … 190; answered at 196.
  expect(latencies.slice(10)).toEqual([96, 86, 76, 66, 56, 46, 36, 26, 16, 6]);
  const stopped = load.stop();
  await clock.advance(10);
  await stopped;
  expect(clock.pending).toBe(0);
});

it("open loop: a timer that comes late sends what has become due, and counts from then", async () => {
  const clock = new FakeClock();
  const late = {
    now: () => clock.now(),
    after: (ms: number, call: () => void) => clock.after(Math.max(ms, 25), call),
    clear: (handle: unknown) => clock.clear(handle),
  };
  const latencies: number[] = [];
  const load = openLoop(
    async () => {},
    () => 10,
    (ms) => latencies.push(ms),
    late,
  );
  await clock.advance(50);
  expect(latencies).toEqual([0, 15, 5, 20, 10, 0]);
  await load.stop();
});

it("closed loop: so many callers, each asking again; failures are told apart, and do not spin", async () => {
  const clock = new FakeClock();
  const { ask } = server(clock, 10);
  const seen: unknown[] = [];
  const load = closedLoop(ask, 3, (ms, error) => seen.push([ms, error]), clock);
  await clock.advance(20);
  expect(seen).toEqual(new Array(6).fill([10, undefined]));
  const stopped = load.stop();
  await clock.advance(10);
  await stopped;
  expect(seen).toHaveLength(9);

  const broken = new Error("no");
  const errors: unknown[] = [];
  const failing = closedLoop(
    () => Promise.reject(broken),
    1,
    (_ms, error) => errors.push(error),
    clock,
  );
  await clock.advance(5);
  expect(errors).toEqual(new Array(6).fill(broken));
  const ended = failing.stop();
  await clock.advance(1);
  await ended;
});

it("gaps have the rate as their mean, of either distribution", () => {
  expect(gapsOf(200, "constant")()).toBe(5);
  const numbers = [0, 0.5, 0.9];
  const gaps = numbers.map((number) => gapsOf(1000, "poisson", () => number)());
  expect(gaps).toEqual([-0, expect.closeTo(Math.LN2, 9), expect.closeTo(Math.LN10, 9)]);
});
