import { FakeClock } from "@predikt/core/testing";
import { expect, it } from "vitest";
import { Meter } from "./progress.ts";
import type { DownloadProgress } from "./types.ts";

function watched(signal: AbortSignal = new AbortController().signal) {
  const clock = new FakeClock();
  const told: DownloadProgress[] = [];
  const meter = new Meter(
    { signal, onProgress: (progress) => told.push(progress) },
    {
      now: () => clock.now(),
      timer: (ms, callback) => {
        const timer = clock.after(ms, callback);
        return () => clock.clear(timer);
      },
    },
  );
  return { clock, told, meter };
}

it("forgets a total that was passed, and knows it again at the end", async () => {
  const { clock, told, meter } = watched();
  meter.expect(10);
  for (const loaded of [0, 8, 12]) {
    meter.at(loaded);
    await clock.advance(100);
  }
  meter.end(12, false);
  expect(told.map(({ loaded, total }) => [loaded, total])).toEqual([
    [0, 10],
    [8, 10],
    [12, undefined],
    [12, 12],
  ]);
});

it("does not fall back when a download starts over", async () => {
  const { clock, told, meter } = watched();
  meter.expect(10);
  for (const loaded of [0, 8, 0, 4, 9]) {
    meter.at(loaded);
    await clock.advance(100);
  }
  expect(told.map(({ loaded }) => loaded)).toEqual([0, 8, 9]);
});

it("is silent after an abort", async () => {
  const controller = new AbortController();
  const { clock, told, meter } = watched(controller.signal);
  meter.at(1);
  meter.at(2);
  controller.abort();
  await clock.advance(1000);
  meter.end(3, false);
  expect(told.map(({ loaded }) => loaded)).toEqual([1]);
});
