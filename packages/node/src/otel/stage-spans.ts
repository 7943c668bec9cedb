import type { Context, Tracer } from "@opentelemetry/api";
import type { Timings } from "@predikt/core";
import type { SpanClock } from "./span-clock.ts";

/** When a job ended and where its time went. */
export interface SettledJob {
  readonly timings: Timings;
  /** By `performance.now()`. */
  readonly settledAt: number;
}

const stages = ["encode", "queue", "run", "decode"] as const;

/** Makes the spans of a job's stages after the fact: encode, queue, run, decode. One that was not reached has none. */
export function addStages(tracer: Tracer, parent: Context, clock: SpanClock, { timings, settledAt }: SettledJob): void {
  const took = { encode: timings.encodeMs, queue: timings.queueMs, run: timings.runMs, decode: timings.decodeMs };
  const last = Math.max(...stages.map((stage, i) => (took[stage] > 0 ? i : -1)));
  let at = settledAt - timings.totalMs;
  for (const stage of stages.slice(0, last + 1)) {
    const span = tracer.startSpan(stage, { startTime: clock.wall(at) }, parent);
    at += took[stage];
    span.end(clock.wall(at));
  }
}
