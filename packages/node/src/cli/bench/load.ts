import type { Clock } from "@predikt/core";

/** Something that can be asked, again and again. */
export type Ask = () => Promise<unknown>;

/** Hears of each request that ended: how long it took in milliseconds, and its error where it failed. */
export type Record = (latencyMs: number, error: unknown) => void;

/** A load that runs until it is stopped. */
export interface Load {
  /** Asks no more, and resolves once the last has been answered. */
  stop(): Promise<void>;
}

/** So many callers, each asking again as soon as it is answered. */
export function closedLoop(ask: Ask, callers: number, record: Record, clock: Clock): Load {
  let running = true;
  async function caller(): Promise<void> {
    while (running) {
      const startedAt = clock.now();
      const error = await failure(ask);
      record(clock.now() - startedAt, error);
      // One that fails at once must not keep the event loop for itself.
      if (error !== undefined) await new Promise<void>((resolve) => clock.after(1, resolve));
    }
  }
  const all = Promise.all(Array.from({ length: callers }, caller));
  return {
    async stop() {
      running = false;
      await all;
    },
  };
}

/** Requests under way at once; what is due beyond them waits, its clock running. */
const mostUnderWay = 10_000;

/** Requests due at given gaps in milliseconds, whether or not earlier ones are answered. A latency counts from when its request was due. */
export function openLoop(ask: Ask, nextGapMs: () => number, record: Record, clock: Clock): Load {
  let running = true;
  let dueAt = clock.now();
  let timer: unknown;
  const underWay = new Set<Promise<void>>();

  function send(due: number): void {
    const request = failure(ask).then((error) => {
      record(clock.now() - due, error);
      underWay.delete(request);
      if (underWay.size === mostUnderWay - 1) tick();
    });
    underWay.add(request);
  }

  function tick(): void {
    clock.clear(timer);
    if (!running) return;
    while (dueAt <= clock.now() && underWay.size < mostUnderWay) {
      send(dueAt);
      dueAt += nextGapMs();
    }
    // At the limit, the next answer goes on.
    if (underWay.size < mostUnderWay) timer = clock.after(Math.max(0, dueAt - clock.now()), tick);
  }

  tick();
  return {
    async stop() {
      running = false;
      clock.clear(timer);
      await Promise.all(underWay);
    },
  };
}

/** Gaps for a rate: all alike, or those of a Poisson process. */
export function gapsOf(perSecond: number, distribution: "constant" | "poisson", random: () => number = Math.random): () => number {
  const mean = 1000 / perSecond;
  return distribution === "constant" ? () => mean : () => -Math.log(1 - random()) * mean;
}

async function failure(ask: Ask): Promise<unknown> {
  try {
    await ask();
    return undefined;
  } catch (error) {
    return error ?? new Error("failed without an error");
  }
}
