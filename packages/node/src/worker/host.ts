import { type AbortLike, BackendError, InputError, OverloadError, type PrediktError, type RunOptions, type Tensors } from "@predikt/core";
import { reviveError } from "@predikt/core/runtime";
import { isWasm } from "../backend/runtime.ts";
import type { Channel, ChannelEvents, Exit } from "./channel.ts";
import type { ModelFacts, OpenSpec, Report } from "./protocol.ts";
import { detachedInput, pack } from "./tensors.ts";

/** How long a run that nobody waits for any more may go on, in milliseconds: most end sooner, and a new worker costs more than that. */
const graceMs = 250;

/** The result of a run, and how long it took without the way there and back. */
export interface HostRun {
  readonly outputs: Tensors;
  readonly runMs: number;
}

/** Milliseconds after which a worker that can be killed is. */
export interface HostLimits {
  readonly maxOpenMs: number | undefined;
  readonly maxRunMs: number | undefined;
}

interface Opening {
  readonly resolve: (facts: ModelFacts) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

interface Waiting {
  readonly resolve: (run: HostRun) => void;
  readonly reject: (error: unknown) => void;
  abandoned: boolean;
  /** Stops its timers and listeners. */
  forget: () => void;
}

/** One worker, seen from its parent: it opens one model and runs it, a run at a time. */
export class Host {
  /** Called when the worker has ended without having been asked to. */
  onLost: ((reason: string) => void) | undefined;
  readonly #channel: Channel;
  readonly #limits: HostLimits;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #opening: Opening | undefined;
  #facts: ModelFacts | undefined;
  #devices: readonly string[] = [];
  #markExited: () => void = () => {};
  #gone = false;
  #closing = false;
  /** Why it was killed. */
  #fate: PrediktError | undefined;
  #nextId = 0;

  constructor(start: (events: ChannelEvents) => Channel, limits: HostLimits) {
    this.#limits = limits;
    this.#exited = new Promise((resolve) => {
      this.#markExited = resolve;
    });
    this.#channel = start({
      onReport: (report) => this.#reported(report),
      onGarbled: (error) => this.#garbled(error),
      onExit: (exit) => this.#ended(exit),
    });
  }

  get facts(): ModelFacts {
    return this.#facts as ModelFacts;
  }

  get pid(): number | undefined {
    return this.#channel.pid;
  }

  /** Whether it may be ended in mid-run: a process, or a thread in which only WebAssembly runs. */
  get killable(): boolean {
    return this.#channel.isolated || isWasm(this.#facts === undefined ? this.#devices : [this.#facts.device]);
  }

  /** Opens the model. Rejects with what `createPredictor` rejects with, BACKEND_LOST, or DEADLINE_EXCEEDED past `maxOpenMs`. */
  open(spec: OpenSpec): Promise<ModelFacts> {
    this.#devices = spec.devices;
    return new Promise((resolve, reject) => {
      this.#channel.send({ type: "open", spec }, []);
      const { maxOpenMs } = this.#limits;
      const timer =
        maxOpenMs === undefined ? undefined : setTimeout(() => this.#kill(tooLong("opening the model", { maxOpenMs })), maxOpenMs);
      this.#opening = { resolve, reject, timer };
    });
  }

  /** Runs the model. A run whose `abandoned` fires is stopped, where the worker can be killed. */
  run(feeds: Tensors, { transfer: owned = false, abandoned }: RunOptions = {}): Promise<HostRun> {
    return new Promise((resolve, reject) => {
      if (this.#gone) throw new BackendError("BACKEND_LOST", "the worker has ended");
      if (abandoned?.aborted === true && this.killable) throw nobodyWaits();
      const waiting: Waiting = { resolve, reject, abandoned: false, forget: () => {} };
      const id = this.#nextId++;
      this.#waiting.set(id, waiting);
      this.#channel.hold(true);
      try {
        const { tensors, transfer } = this.#channel.transfers ? pack(feeds, owned) : { tensors: feeds, transfer: [] };
        this.#channel.send({ type: "run", id, feeds: tensors }, transfer);
      } catch (thrown) {
        this.#take(id);
        this.#rest();
        throw unsendable(feeds, thrown);
      }
      waiting.forget = this.#watch(waiting, abandoned);
    });
  }

  /** Ends the worker: at once where nobody waits for what it does and it can be killed, else after its work. Resolves once it has gone. */
  close(): Promise<void> {
    if (!this.#closing && !this.#gone) {
      this.#closing = true;
      this.#channel.hold(true);
      const runs = [...this.#waiting.values()];
      if (this.killable && (this.#opening !== undefined || (runs.length > 0 && runs.every(({ abandoned }) => abandoned))))
        this.#kill(nobodyWaits());
      else this.#channel.send({ type: "close" }, []);
    }
    return this.#exited;
  }

  /** Only for a worker that is killable. */
  #kill(why: PrediktError): void {
    this.#fate ??= why;
    this.#channel.kill();
  }

  /** Sees to it that a run ends in time. Gives the function that stops watching. */
  #watch(run: Waiting, abandoned: AbortLike | undefined): () => void {
    const { maxRunMs } = this.#limits;
    const limit = maxRunMs === undefined ? undefined : setTimeout(() => this.#kill(tooLong("the run", { maxRunMs })), maxRunMs);
    if (abandoned === undefined || !this.killable) return () => clearTimeout(limit);
    let grace: NodeJS.Timeout | undefined;
    const onAbandoned = (): void => {
      run.abandoned = true;
      grace = setTimeout(() => this.#kill(nobodyWaits()), this.#closing ? 0 : graceMs);
    };
    abandoned.addEventListener("abort", onAbandoned);
    return () => {
      clearTimeout(limit);
      clearTimeout(grace);
      abandoned.removeEventListener("abort", onAbandoned);
    };
  }

  #reported(report: Report): void {
    switch (report.type) {
      case "opened":
        this.#facts = report.facts;
        this.#opened()?.resolve(report.facts);
        break;
      case "refused":
        this.#opened()?.reject(reviveError(report.error));
        break;
      case "ran":
        this.#take(report.id)?.resolve(report);
        break;
      case "failed":
        this.#take(report.id)?.reject(reviveError(report.error));
        break;
    }
    this.#rest();
  }

  /** What was asked has been answered, but the answer is lost. */
  #garbled(cause: Error): void {
    this.#failAll(new BackendError("BACKEND_LOST", `the worker's answer could not be read: ${cause.message}`, { cause }));
    this.#rest();
  }

  #failAll(error: PrediktError): void {
    this.#opened()?.reject(error);
    for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(error);
  }

  /** An idle worker does not keep the process alive. */
  #rest(): void {
    if (this.#waiting.size === 0 && !this.#closing) this.#channel.hold(false);
  }

  #opened(): Opening | undefined {
    const opening = this.#opening;
    this.#opening = undefined;
    clearTimeout(opening?.timer);
    return opening;
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.forget();
    return waiting;
  }

  #ended(exit: Exit): void {
    this.#gone = true;
    this.#markExited();
    this.#failAll(this.#fate ?? exitError(exit));
    if (!this.#closing && this.#facts !== undefined) this.onLost?.(this.#fate?.message ?? exit.reason);
  }
}

function exitError({ memory, reason }: Exit): PrediktError {
  if (memory) return new BackendError("BACKEND_MEMORY", "the run took more memory than maxRssBytes and was killed");
  return new BackendError("BACKEND_LOST", `the worker ended in the middle of its work: ${reason}`, { details: { reason } });
}

function tooLong(what: string, details: Readonly<Record<string, number>>): PrediktError {
  const [[option, limit] = []] = Object.entries(details);
  return new OverloadError("DEADLINE_EXCEEDED", `${what} took longer than ${option}, ${limit} ms, and was killed`, { details });
}

function nobodyWaits(): PrediktError {
  return new BackendError("BACKEND_LOST", "nobody waits for the run any more, and it was stopped");
}

function unsendable(feeds: Tensors, cause: unknown): PrediktError {
  const name = detachedInput(feeds);
  if (name === undefined) return new BackendError("BACKEND_RUN", "the inputs cannot be sent to the worker", { cause });
  const issue = { path: name, expected: "data of its own", received: "a buffer that was handed over before" };
  return new InputError("INPUT_VALUE", `input "${name}": expected ${issue.expected}, got ${issue.received}`, {
    cause,
    details: { issues: [issue] },
  });
}
