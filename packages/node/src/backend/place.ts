import type { AbortLike, RunOptions, Tensors } from "@predikt/core";
import { giveThreads } from "../worker/budget.ts";
import type { HostRun } from "../worker/host.ts";
import type { Pool } from "../worker/pool.ts";
import type { OpenModel } from "./open-model.ts";

/** Where a session's runs happen. */
export interface Place {
  readonly execution: "inline" | "worker" | "process";
  /** Runs that may be under way at once. */
  readonly size: number;
  /** Whether a run ends once `RunOptions.abandoned` fires. */
  readonly stopsAbandoned: boolean;
  /** Sets that number, where runs do not each need a worker. */
  widen?(count: number): void;
  readonly pids: readonly number[];
  run(feeds: Tensors, options: RunOptions | undefined): Promise<Tensors>;
  /** The same, with the time that the run alone took. */
  time(feeds: Tensors, abandoned: AbortLike): Promise<HostRun>;
  /** Tells of each run how long the calling thread was in it, where that is the thread that runs. */
  watch?(onRun: (runMs: number) => void): void;
  pressure(waiting: number): void;
  close(): Promise<void>;
}

/** Runs in workers. */
export function pooled(execution: "worker" | "process", pool: Pool): Place {
  return {
    execution,
    get size() {
      return pool.size;
    },
    get pids() {
      return pool.pids;
    },
    get stopsAbandoned() {
      return pool.killable;
    },
    run: async (feeds, options) => (await pool.run(feeds, options)).outputs,
    time: (feeds, abandoned) => pool.run(feeds, { abandoned }),
    pressure: (waiting) => pool.pressure(waiting),
    close: () => pool.close(),
  };
}

/**
 * Runs on the calling thread: one at first, and once widened several in one turn of the event loop, one after the other.
 *
 * @param threads Threads beside the calling one that it has of the CPU budget. They are given back on close.
 */
export function inline(model: OpenModel, threads: number): Place {
  let closing: Promise<void> | undefined;
  let size = 1;
  const run = (feeds: Tensors): Promise<Tensors> => model.run(feeds);
  return {
    execution: "inline",
    get size() {
      return size;
    },
    widen: (count) => {
      size = count;
    },
    pids: [],
    stopsAbandoned: false,
    watch: (onRun) => model.watch(onRun),
    run,
    time: async (feeds) => {
      const startedAt = performance.now();
      const outputs = await run(feeds);
      return { outputs, runMs: performance.now() - startedAt };
    },
    pressure: () => {},
    close: () => {
      closing ??= model.release().finally(() => giveThreads(threads));
      return closing;
    },
  };
}
