import type { Clock } from "@predikt/core";
import { type Ask, closedLoop, gapsOf, type Load, openLoop } from "./load.ts";
import { compared, isStable, Window } from "./window.ts";

/** What is asked of a subject. */
export type Level =
  | { readonly kind: "concurrency"; readonly callers: number }
  | { readonly kind: "rate"; readonly perSecond: number; readonly distribution: "constant" | "poisson" };

/** How long it is measured. */
export interface Plan {
  readonly windowMs: number;
  readonly warmupMs: number;
  /** Percent. */
  readonly stability: number;
  readonly maxWindows: number;
}

/** Runs and rows that a subject has counted. */
export interface Counts {
  readonly runs: number;
  readonly rows: number;
}

/** What is measured. */
export interface Subject {
  readonly ask: Ask;
  /** Undefined where nobody counts. */
  counts(): Promise<Counts | undefined>;
}

/** One level's numbers. */
export interface Measured {
  readonly window: Window;
  readonly windows: number;
  readonly stable: boolean;
  /** Rows per run; undefined where nobody counts. */
  readonly batch: number | undefined;
  /** CPU of this process, in cores. */
  readonly cpu: number;
}

/** Measures one level. @param onWindow Hears of each window. */
export async function measure(
  subject: Subject,
  level: Level,
  plan: Plan,
  clock: Clock,
  onWindow: (count: number) => void = () => {},
): Promise<Measured> {
  let window = new Window();
  const load = startLoad(subject.ask, level, (latencyMs, error) => window.record(latencyMs, error), clock);
  const pause = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
  await pause(plan.warmupMs);
  const before = await subject.counts();
  const cpuBefore = process.cpuUsage();
  const startedAt = clock.now();
  const windows: Window[] = [];
  let stable = false;
  while (!stable && windows.length < plan.maxWindows) {
    window = new Window();
    const openedAt = clock.now();
    await pause(plan.windowMs);
    window.ms = clock.now() - openedAt;
    windows.push(window);
    onWindow(windows.length);
    stable = isStable(windows, plan.stability);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const wallMs = clock.now() - startedAt;
  const after = await subject.counts();
  await load.stop();
  return {
    window: Window.join(windows.slice(-compared)),
    windows: windows.length,
    stable,
    batch: before && after && after.runs > before.runs ? (after.rows - before.rows) / (after.runs - before.runs) : undefined,
    cpu: (user + system) / 1000 / wallMs,
  };
}

function startLoad(ask: Ask, level: Level, record: (latencyMs: number, error: unknown) => void, clock: Clock): Load {
  if (level.kind === "concurrency") return closedLoop(ask, level.callers, record, clock);
  return openLoop(ask, gapsOf(level.perSecond, level.distribution), record, clock);
}
