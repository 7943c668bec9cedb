import { BackendError, OverloadError, type PrediktError, type Tensors } from "@predikt/core";
import { reviveError } from "@predikt/core/client";
import type { Channel, ChannelEvents, Exit } from "./channel.ts";
import type { ModelFacts, OpenSpec, Report } from "./protocol.ts";
import { pack } from "./tensors.ts";

/** The result of a run, and how long it took without the way there and back. */
export interface HostRun {
  readonly outputs: Tensors;
  readonly runMs: number;
}

interface Waiting {
  readonly resolve: (run: HostRun) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

/** One worker, seen from its parent: it opens one model and runs it, a run at a time. */
export class Host {
  /** Called when the worker has ended without having been asked to. */
  onLost: ((exit: Exit) => void) | undefined;
  readonly #channel: Channel;
  readonly #maxRunMs: number | undefined;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #opening: { resolve: (facts: ModelFacts) => void; reject: (error: unknown) => void } | undefined;
  #facts: ModelFacts | undefined;
  #markExited: () => void = () => {};
  #gone = false;
  #closing = false;
  #overran = false;
  #nextId = 0;

  constructor(start: (events: ChannelEvents) => Channel, maxRunMs: number | undefined) {
    this.#maxRunMs = maxRunMs;
    this.#exited = new Promise((resolve) => {
      this.#markExited = resolve;
    });
    this.#channel = start({ onReport: (report) => this.#reported(report), onExit: (exit) => this.#ended(exit) });
  }

  get facts(): ModelFacts {
    return this.#facts as ModelFacts;
  }

  get pid(): number | undefined {
    return this.#channel.pid;
  }

  /** Opens the model. Rejects with what `createPredictor` rejects with, or BACKEND_LOST. */
  open(spec: OpenSpec): Promise<ModelFacts> {
    return new Promise((resolve, reject) => {
      this.#opening = { resolve, reject };
      this.#channel.send({ type: "open", spec }, []);
    });
  }

  /** Runs the model; `owned` buffers may be detached. */
  run(feeds: Tensors, owned: boolean): Promise<HostRun> {
    return new Promise((resolve, reject) => {
      if (this.#gone) throw new BackendError("BACKEND_LOST", "the worker has ended");
      const { tensors, transfer } = this.#channel.transfers ? pack(feeds, owned) : { tensors: feeds, transfer: [] };
      const id = this.#nextId++;
      const timer = this.#maxRunMs === undefined ? undefined : setTimeout(() => this.#overrun(), this.#maxRunMs);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#channel.hold(true);
      this.#channel.send({ type: "run", id, feeds: tensors }, transfer);
    });
  }

  /** Ends the worker after its run. Resolves once it has gone. */
  close(): Promise<void> {
    if (!this.#closing && !this.#gone) {
      this.#closing = true;
      this.#channel.hold(true);
      this.#channel.send({ type: "close" }, []);
    }
    return this.#exited;
  }

  /** Ends the worker at once. Only for those that can be: see {@link Channel.kill}. */
  kill(): void {
    this.#closing = true;
    this.#channel.kill();
  }

  #reported(report: Report): void {
    switch (report.type) {
      case "opened":
        this.#facts = report.facts;
        this.#opening?.resolve(report.facts);
        this.#opening = undefined;
        break;
      case "refused":
        this.#opening?.reject(reviveError(report.error));
        this.#opening = undefined;
        break;
      case "ran":
        this.#take(report.id)?.resolve(report);
        break;
      case "failed":
        this.#take(report.id)?.reject(reviveError(report.error));
        break;
    }
    if (this.#waiting.size === 0 && !this.#closing) this.#channel.hold(false);
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.timer);
    return waiting;
  }

  #overrun(): void {
    this.#overran = true;
    this.#channel.kill();
  }

  #ended(exit: Exit): void {
    this.#gone = true;
    this.#markExited();
    const error = this.#exitError(exit);
    this.#opening?.reject(error);
    for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(error);
    if (!this.#closing && this.#facts !== undefined) this.onLost?.(exit);
  }

  #exitError(exit: Exit): PrediktError {
    if (this.#overran) {
      const details = { maxRunMs: this.#maxRunMs };
      return new OverloadError("DEADLINE_EXCEEDED", `the run took longer than maxRunMs, ${this.#maxRunMs} ms, and was killed`, { details });
    }
    if (exit.memory) return new BackendError("BACKEND_MEMORY", "the run took more memory than maxRssBytes and was killed");
    return new BackendError("BACKEND_LOST", `the worker ended in the middle of its work: ${exit.reason}`, {
      details: { reason: exit.reason },
    });
  }
}
