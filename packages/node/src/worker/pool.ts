import {
  type AbortLike,
  BackendError,
  type BackendEvent,
  isPrediktError,
  LifecycleError,
  type RunOptions,
  type Tensors,
} from "@predikt/core";
import { giveThreads, takeThreads } from "./budget.ts";
import type { Host, HostRun } from "./host.ts";

/** How long jobs must have waited before a worker is added, in milliseconds: a burst that one worker clears at once needs no second. */
const growAfterMs = 20;
/** How long a worker beyond the first stays without work, in milliseconds. */
const idleMs = 60_000;

/** What a pool needs. */
export interface PoolOptions {
  /** Starts a worker and opens the model in it, unless `signal` fires before that. */
  readonly start: (signal: AbortLike) => Promise<Host>;
  /** The first worker. Its threads, which are taken already, are given back on close like all others. */
  readonly first: Host;
  readonly threads: number;
  readonly maxWorkers: number;
  readonly onEvent: (event: BackendEvent) => void;
  readonly onCapacity: () => void;
}

/** A worker's place in the pool. It outlives the worker. */
interface Slot {
  host: Host | undefined;
  starting: Promise<Host> | undefined;
  runs: number;
  idleSince: number;
  /** Whether its worker stands in for one that died, and has not been of use yet. */
  unproven: boolean;
}

/** One predictor's workers: starts with one, grows while jobs wait and the CPU budget allows, replaces those that die. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #slots: Slot[] = [];
  #waiting = 0;
  #growTimer: NodeJS.Timeout | undefined;
  #shrinkTimer: NodeJS.Timeout | undefined;
  #growing: Promise<void> | undefined;
  #closed = false;
  /** Fires on close, for what can be stopped. */
  readonly #leaving = new AbortController();

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#adopt({ host: undefined, starting: undefined, runs: 0, idleSince: 0, unproven: false }, options.first);
  }

  get size(): number {
    return this.#slots.length;
  }

  /** Whether a run of it may be ended before it is through. */
  get killable(): boolean {
    return this.#options.first.killable;
  }

  /** The workers' process ids, where they are processes. */
  get pids(): readonly number[] {
    return this.#slots.flatMap(({ host }) => host?.pid ?? []);
  }

  async run(feeds: Tensors, options?: RunOptions): Promise<HostRun> {
    if (this.#closed) throw new LifecycleError("CLOSED", "the session is closed");
    const slot = this.#slots.reduce((a, b) => (b.runs < a.runs ? b : a));
    slot.runs++;
    try {
      const host = slot.host ?? (await this.#revive(slot));
      const done = await host.run(feeds, options);
      slot.unproven = false;
      return done;
    } finally {
      slot.runs--;
      slot.idleSince = Date.now();
    }
  }

  /** Tells how many jobs wait for a worker. */
  pressure(waiting: number): void {
    this.#waiting = waiting;
    if (waiting === 0 || this.#growTimer !== undefined || this.size >= this.#options.maxWorkers) return;
    this.#growTimer = setTimeout(() => {
      this.#growTimer = undefined;
      if (this.#waiting === 0 || this.#closed || this.#growing !== undefined) return;
      this.#growing = this.#grow().finally(() => {
        this.#growing = undefined;
      });
    }, growAfterMs).unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.killable) this.#leaving.abort();
    clearTimeout(this.#growTimer);
    await this.#growing;
    clearInterval(this.#shrinkTimer);
    await Promise.all(this.#slots.splice(0).map((slot) => this.#end(slot)));
  }

  async #grow(): Promise<void> {
    const { start, threads, maxWorkers, onEvent, onCapacity } = this.#options;
    if (this.size >= maxWorkers || !takeThreads(threads)) return;
    try {
      this.#adopt(
        { host: undefined, starting: undefined, runs: 0, idleSince: Date.now(), unproven: false },
        await start(this.#leaving.signal),
      );
    } catch (error) {
      giveThreads(threads);
      if (this.#closed) return;
      onEvent({ type: "worker-lost", detail: { reason: `another could not be started: ${text(error)}`, workers: this.size } });
      return;
    }
    if (this.#closed) return;
    onEvent({ type: "worker-added", detail: { workers: this.size, waiting: this.#waiting } });
    this.#shrinkTimer ??= setInterval(() => this.#shrink(), idleMs / 4).unref();
    onCapacity();
  }

  #shrink(): void {
    const idle = this.#slots.find((slot) => slot.runs === 0 && slot.host !== undefined && Date.now() - slot.idleSince > idleMs);
    if (this.size === 1 || idle === undefined) return;
    this.#slots.splice(this.#slots.indexOf(idle), 1);
    void this.#end(idle);
  }

  async #end(slot: Slot): Promise<void> {
    // A worker that cannot be started needs no closing.
    const host = slot.host ?? (await slot.starting?.catch(() => undefined));
    if (host !== undefined) host.onLost = undefined;
    await host?.close();
    giveThreads(this.#options.threads);
  }

  #adopt(slot: Slot, host: Host): void {
    slot.host = host;
    host.onLost = (reason) => this.#lost(slot, reason);
    if (!this.#slots.includes(slot)) this.#slots.push(slot);
  }

  #lost(slot: Slot, reason: string): void {
    slot.host = undefined;
    this.#options.onEvent({ type: "worker-lost", detail: { reason, workers: this.size } });
    // The next run would start it too; this makes it ready sooner. One that died as its predecessor did, without work, would do so again and again.
    if (!this.#closed && !slot.unproven) this.#revive(slot).catch(() => {});
  }

  /** Starts a worker in the place of one that died. Runs wait for it, and fail where it cannot be had: with BACKEND_LOST, or MODEL_INTEGRITY. */
  #revive(slot: Slot): Promise<Host> {
    slot.starting ??= this.#options
      .start(this.#leaving.signal)
      .then(
        (host) => {
          if (this.#slots.includes(slot)) this.#adopt(slot, host);
          slot.unproven = true;
          this.#options.onEvent({ type: "worker-replaced", detail: { workers: this.size } });
          return host;
        },
        (cause: unknown) => {
          const reason = `it cannot be replaced: ${text(cause)}`;
          if (!this.#closed) this.#options.onEvent({ type: "worker-lost", detail: { reason, workers: this.size } });
          if (isPrediktError(cause, "MODEL_INTEGRITY")) throw cause;
          throw new BackendError("BACKEND_LOST", `a worker died and cannot be replaced: ${text(cause)}`, { cause });
        },
      )
      .finally(() => {
        slot.starting = undefined;
      });
    return slot.starting;
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
