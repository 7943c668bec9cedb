import type { Level, Measured } from "./measure.ts";

/** One load's numbers, as `--json` prints them. */
export interface LevelResult {
  /** Callers, or requests per second. */
  readonly load: number;
  readonly requestsPerSecond: number;
  readonly rowsPerSecond: number;
  /** Null where nothing succeeded. */
  readonly latencyMs: {
    readonly mean: number;
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly max: number;
  } | null;
  readonly succeeded: number;
  /** By code or status. */
  readonly errors: Readonly<Record<string, number>>;
  /** Rows per run; null where nobody counts. */
  readonly batch: number | null;
  /** Of this process. */
  readonly cpuCores: number;
  readonly windows: number;
  readonly stable: boolean;
}

/** What `predikt bench --json` prints. */
export interface Results {
  readonly target: string;
  readonly protocol: string;
  readonly load: "concurrency" | "rate";
  readonly distribution: "constant" | "poisson" | null;
  readonly rowsPerRequest: number;
  /** Whose CPU `cpuCores` is. */
  readonly cpuOf: string;
  readonly machine: { readonly node: string; readonly cores: number; readonly cpu: string };
  readonly levels: LevelResult[];
}

/** A load's numbers. */
export function resultOf(level: Level, { window, windows, stable, batch, cpu }: Measured, rows: number): LevelResult {
  const { succeeded, perSecond, errors } = window;
  const at = (percent: number): number => window.percentileMs(percent);
  return {
    load: level.kind === "rate" ? level.perSecond : level.callers,
    requestsPerSecond: perSecond,
    rowsPerSecond: perSecond * rows,
    latencyMs: succeeded === 0 ? null : { mean: window.meanMs, p50: at(50), p90: at(90), p99: at(99), max: at(100) },
    succeeded,
    errors,
    batch: batch ?? null,
    cpuCores: cpu,
    windows,
    stable,
  };
}
