import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import { isPrediktError } from "@predikt/core";

/** What happened in some time. */
export class Window {
  /** In microseconds: three digits that count, a minute at most. */
  readonly #latencies: RecordableHistogram = createHistogram({ figures: 3, lowest: 1, highest: 60_000_000 });
  #totalMs = 0;
  #succeeded = 0;
  readonly errors: Record<string, number> = {};
  /** Length. */
  ms = 0;

  record(latencyMs: number, error: unknown): void {
    if (error !== undefined) {
      const name = errorName(error);
      this.errors[name] = (this.errors[name] ?? 0) + 1;
      return;
    }
    this.#succeeded++;
    this.#totalMs += latencyMs;
    this.#latencies.record(Math.min(60_000_000, Math.max(1, Math.round(latencyMs * 1000))));
  }

  get succeeded(): number {
    return this.#succeeded;
  }

  get perSecond(): number {
    return this.ms === 0 ? 0 : (this.#succeeded * 1000) / this.ms;
  }

  get meanMs(): number {
    return this.#succeeded === 0 ? Number.NaN : this.#totalMs / this.#succeeded;
  }

  /** NaN where nothing succeeded. */
  percentileMs(percent: number): number {
    return this.#succeeded === 0 ? Number.NaN : this.#latencies.percentile(percent) / 1000;
  }

  /** Several as one. */
  static join(windows: readonly Window[]): Window {
    const joined = new Window();
    for (const window of windows) {
      joined.#latencies.add(window.#latencies);
      joined.#totalMs += window.#totalMs;
      joined.#succeeded += window.#succeeded;
      joined.ms += window.ms;
      for (const [name, count] of Object.entries(window.errors)) joined.errors[name] = (joined.errors[name] ?? 0) + count;
    }
    return joined;
  }
}

function errorName(error: unknown): string {
  if (isPrediktError(error)) return error.code;
  const { code, message } = error as { code?: unknown; message?: string };
  return typeof code === "string" ? code : (message ?? String(error)).slice(0, 60);
}

/** Windows that are compared. */
export const compared = 3;

/** Whether throughput and mean latency of the last windows differ from their own mean by no more than a share of it. */
export function isStable(windows: readonly Window[], percent: number): boolean {
  const last = windows.slice(-compared);
  if (last.length < compared || last.some(({ succeeded }) => succeeded === 0)) return false;
  return [last.map(({ perSecond }) => perSecond), last.map(({ meanMs }) => meanMs)].every((values) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return values.every((value) => Math.abs(value - mean) <= (mean * percent) / 100);
  });
}
