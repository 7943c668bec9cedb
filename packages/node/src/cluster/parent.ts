import nodeCluster from "node:cluster";
import { LifecycleError } from "@predikt/core";
import { shareOf } from "../worker/budget.ts";
import { delayAfter } from "./backoff.ts";
import { type Ending, Member } from "./member.ts";
import type { Cluster, ClusterEvent, ClusterProcess, Settings } from "./options.ts";

/** A place for one child after another. */
interface Slot {
  readonly index: number;
  /** The child that counts, be it still starting. One that has been replaced goes on draining without. */
  current: Member | undefined;
  timer: NodeJS.Timeout | undefined;
  /** Losses in a row. */
  failures: number;
}

/** Keeps as many children running as there are slots. */
export class Parent implements Cluster {
  readonly #settings: Settings;
  readonly #budget: number;
  readonly #slots: readonly Slot[];
  readonly #members = new Set<Member>();
  #opened = false;
  #closing: Promise<void> | undefined;
  /** The rolling restart under way, and the one that waits for its end. */
  #reloading: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(settings: Settings, budget: number) {
    this.#settings = settings;
    this.#budget = budget;
    this.#slots = Array.from({ length: settings.processes }, (_, index) => ({ index, current: undefined, timer: undefined, failures: 0 }));
  }

  /** Starts all children and waits for them. @throws LifecycleError NOT_READY where one ends before it is ready */
  async open(): Promise<void> {
    nodeCluster.setupPrimary({ serialization: "advanced" });
    const starts = this.#slots.map(async (slot) => {
      const member = this.#fork(slot);
      slot.current = member;
      await member.ready;
      this.#started(slot, member);
    });
    await Promise.all(starts);
    this.#opened = true;
    // Those that were lost while others were still starting.
    for (const slot of this.#slots) if (slot.current !== undefined && !this.#members.has(slot.current)) this.#startAgain(slot, 0);
  }

  processes(): readonly ClusterProcess[] {
    return this.#sorted().map(({ index, pid, state }) => ({ index, pid, state }));
  }

  async collect(): Promise<unknown[]> {
    return (await Promise.all(this.#sorted().map((member) => member.collect()))).flat();
  }

  reload(): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(closed());
    if (this.#reloading === undefined) {
      this.#reloading = this.#roll().finally(() => {
        this.#reloading = undefined;
      });
      return this.#reloading;
    }
    this.#next ??= this.#reloading
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.reload();
      });
    return this.#next;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    for (const { timer } of this.#slots) clearTimeout(timer);
    await Promise.all([...this.#members].map((member) => member.close()));
  }

  async #roll(): Promise<void> {
    try {
      for (const slot of this.#slots) await this.#replace(slot);
    } catch (error) {
      this.#tell({ type: "processes-reloaded", failure: (error as Error).message });
      throw error;
    }
    this.#tell({ type: "processes-reloaded" });
  }

  async #replace(slot: Slot): Promise<void> {
    await slot.current?.ready.catch(() => {});
    if (this.#closing !== undefined) throw closed();
    // One that waits for its next attempt waits no longer.
    clearTimeout(slot.timer);
    const next = this.#fork(slot);
    await next.ready;
    const old = slot.current;
    clearTimeout(slot.timer);
    slot.current = next;
    this.#started(slot, next);
    await old?.close();
  }

  /** Starts a child; its end is seen to from here on. */
  #fork(slot: Slot): Member {
    const { index } = slot;
    const { processes, env, startTimeoutMs, drainTimeoutMs } = this.#settings;
    const member = new Member({
      index,
      env: {
        ...env?.(index),
        PREDIKT_PROCESS_INDEX: String(index),
        PREDIKT_PROCESS_COUNT: String(processes),
        PREDIKT_CPU_BUDGET: String(shareOf(this.#budget, index, processes)),
      },
      startTimeoutMs,
      drainTimeoutMs,
      onLeaving: (leaving) => {
        // Not at once: where the parent was told to end too, that comes before.
        if (slot.current === leaving) this.#startAgain(slot, this.#settings.restart.minDelayMs);
      },
      collectAll: () => this.collect(),
    });
    this.#members.add(member);
    void member.ended.then((ending) => this.#ended(slot, member, ending));
    return member;
  }

  #started({ index }: Slot, { pid }: Member): void {
    this.#tell({ type: "process-started", index, pid });
  }

  #ended(slot: Slot, member: Member, { kind, reason }: Ending): void {
    const { index, pid } = member;
    this.#members.delete(member);
    if (kind === "closed") this.#tell({ type: "process-closed", index, pid });
    else if (kind === "killed") this.#tell({ type: "process-killed", index, pid, reason });
    else {
      if (member.age >= this.#settings.restart.stableMs) slot.failures = 0;
      slot.failures++;
      const goesOn = slot.current === member && this.#opened && this.#closing === undefined;
      const restartInMs = goesOn ? delayAfter(slot.failures, this.#settings.restart) : undefined;
      this.#tell({ type: "process-lost", index, pid, reason, restartInMs });
      if (restartInMs !== undefined) this.#startAgain(slot, restartInMs);
    }
  }

  #startAgain(slot: Slot, delayMs: number): void {
    slot.current = undefined;
    if (this.#closing !== undefined) return;
    slot.timer = setTimeout(() => {
      const member = this.#fork(slot);
      slot.current = member;
      member.ready.then(
        () => this.#started(slot, member),
        () => {},
      );
    }, delayMs);
  }

  #sorted(): Member[] {
    return [...this.#members].sort((a, b) => a.index - b.index);
  }

  #tell(event: ClusterEvent): void {
    this.#settings.onEvent?.(event);
  }
}

function closed(): LifecycleError {
  return new LifecycleError("CLOSED", "the cluster is closed");
}
