import type { RunOptions, Tensors } from "@predikt/core";
import type { HostRun } from "../worker/host.ts";
import type { Pool } from "../worker/pool.ts";
import type { OpenModel } from "./open-model.ts";

/** Where a session's runs happen. */
export interface Place {
  readonly execution: "inline" | "worker" | "process";
  /** Runs that may be under way at once. */
  readonly size: number;
  /** Sets that number, where runs do not each need a worker. */
  widen?(count: number): void;
  readonly pids: readonly number[];
  run(feeds: Tensors, options: RunOptions | undefined): Promise<Tensors>;
  /** The same, with the time that the run alone took. */
  time(feeds: Tensors): Promise<HostRun>;
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
    run: async (feeds, options) => (await pool.run(feeds, options)).outputs,
    time: (feeds) => pool.run(feeds),
    pressure: (waiting) => pool.pressure(waiting),
    close: () => pool.close(),
  };
}

/** Runs on the calling thread: one at first, and once widened several in one turn of the event loop, one after the other. */
export function inline(model: OpenModel): Place {
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
    run,
    time: async (feeds) => {
      const startedAt = performance.now();
      const outputs = await run(feeds);
      return { outputs, runMs: performance.now() - startedAt };
    },
    pressure: () => {},
    close: () => model.release(),
  };
}
