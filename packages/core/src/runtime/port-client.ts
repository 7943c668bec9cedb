import { BackendError, type InputError, type PrediktError } from "../errors/index.ts";
import { mismatch } from "../errors/mismatch.ts";
import { reviveError } from "../errors/revive.ts";
import type { AbortLike, Clock, Priority } from "../types/index.ts";
import type { CallMap, Message, Report } from "./port.ts";
import { PlaceLost } from "./reviving-session.ts";
import { Turns } from "./turns.ts";

/** What a client needs of a worker. */
export interface WorkerPort {
  postMessage(message: unknown): void;
  addEventListener(type: "message" | "messageerror" | "error", listener: (event: Event) => void): void;
  terminate(): void;
}

/** Who hears of a call while it is under way. */
export interface CallHooks {
  readonly signal?: AbortLike | undefined;
  /** Hears what the worker tells before it answers. */
  readonly onNews?: ((news: never) => void) | undefined;
  /** Hears the answer that comes although the call was aborted: what it made may have to be undone. */
  readonly onLate?: ((answer: never) => void) | undefined;
}

/** How a call waits for its turn, and how long it may take. */
export interface TurnOptions {
  readonly priority?: Priority | undefined;
  /** Fires when nobody waits for the call any more: it leaves the queue. */
  readonly abandoned?: AbortLike | undefined;
  /** Milliseconds after which the worker is taken to hang. */
  readonly limitMs: number;
}

type Timers = Pick<Clock, "after" | "clear">;

const platformTimers: Timers = {
  after: (ms, callback) => setTimeout(callback, ms),
  clear: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
};

interface Call {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
  readonly hooks: CallHooks;
  readonly inTurn: boolean;
}

/** One worker, seen from the one that asks. What it is asked, it answers by {@link answerCalls}. */
export class PortClient<Calls extends CallMap> {
  /** Called once, when the worker has been lost or ended. */
  onEnd: (() => void) | undefined;
  readonly #port: WorkerPort;
  readonly #turns = new Turns();
  readonly #calls = new Map<number, Call>();
  readonly #timers: Timers;
  #next = 0;
  #fate: PrediktError | undefined;

  /** @param unloadable The error where the worker's script cannot be loaded, of which browsers say no more. */
  constructor(port: WorkerPort, unloadable: () => PrediktError, timers: Timers = platformTimers) {
    this.#port = port;
    this.#timers = timers;
    port.addEventListener("message", (event) => this.#reported((event as MessageEvent<Report>).data));
    port.addEventListener("messageerror", () => this.#lose(lost("the worker's answer could not be read")));
    port.addEventListener("error", (event) => {
      event.preventDefault();
      const { message } = event as ErrorEvent;
      this.#lose(message ? lost(`the worker failed: ${message}`) : unloadable());
    });
  }

  get ended(): boolean {
    return this.#fate !== undefined;
  }

  /** Asks for something that does not use the runtime. Rejects with what was thrown there, PlaceLost, or the signal's reason. */
  ask<Name extends keyof Calls & string>(name: Name, ask: Calls[Name]["ask"], hooks: CallHooks = {}): Promise<Calls[Name]["answer"]> {
    return this.#send(name, ask, hooks, false);
  }

  /** Asks for something that uses the runtime, when its turn has come. The feeds of a run are copied. */
  async inTurn<Name extends keyof Calls & string>(
    name: Name,
    ask: Calls[Name]["ask"],
    options: TurnOptions,
  ): Promise<Calls[Name]["answer"]> {
    const done = await this.#turns.take(options.priority, options.abandoned);
    const stop = this.#watch(options.limitMs);
    try {
      return await this.#send(name, ask, {}, true);
    } finally {
      stop();
      done();
    }
  }

  /** Ends the worker at once. What was asked of it rejects with PlaceLost. */
  end(): void {
    this.#lose(lost("the worker was ended"));
  }

  /**
   * Ends the worker when it has not answered for so long. The time is counted in quarters: one that ends late, since the page was frozen or the machine
   * slept, has not been the worker's.
   */
  #watch(limitMs: number): () => void {
    let left = 4;
    let timer: unknown;
    const wait = (): void => {
      timer = this.#timers.after(limitMs / 4, () => {
        left--;
        if (left > 0) wait();
        else this.#lose(lost(`the worker gave no answer for ${limitMs} ms and was ended`));
      });
    };
    wait();
    return () => this.#timers.clear(timer);
  }

  #send<Name extends keyof Calls & string>(name: Name, ask: unknown, hooks: CallHooks, inTurn: boolean): Promise<Calls[Name]["answer"]> {
    return new Promise((resolve, reject) => {
      if (this.#fate !== undefined) throw new PlaceLost(this.#fate, false);
      const { signal } = hooks;
      if (signal?.aborted) throw signal.reason;
      const id = this.#next++;
      const abort = (): void => {
        const { onLate = ignore } = hooks;
        this.#calls.set(id, { resolve: onLate, reject: ignore, hooks: {}, inTurn });
        reject(signal?.reason);
        this.#post({ type: "abort", id });
      };
      signal?.addEventListener("abort", abort);
      const settle = <T>(way: (value: T) => void): ((value: T) => void) => {
        if (signal === undefined) return way;
        return (value) => {
          signal.removeEventListener("abort", abort);
          way(value);
        };
      };
      this.#calls.set(id, { resolve: settle(resolve), reject: settle(reject), hooks, inTurn });
      try {
        this.#post({ type: "call", id, name, ask });
      } catch (cause) {
        this.#take(id)?.reject(unsendable(cause));
      }
    });
  }

  #post(message: Message): void {
    this.#port.postMessage(message);
  }

  #reported(report: Report): void {
    switch (report.type) {
      case "answer":
        this.#take(report.id)?.resolve(report.answer as never);
        break;
      case "error": {
        const error = reviveError(report.error);
        const call = this.#take(report.id);
        call?.reject(report.fatal ? new PlaceLost(error, true) : error);
        if (report.fatal) this.#lose(error);
        break;
      }
      case "news":
        this.#calls.get(report.id)?.hooks.onNews?.(report.news as never);
        break;
      case "lost":
        this.#lose(lost(report.reason));
        break;
    }
  }

  #take(id: number): Call | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    return call;
  }

  #lose(error: PrediktError): void {
    if (this.#fate !== undefined) return;
    this.#fate = error;
    this.#port.terminate();
    this.onEnd?.();
    for (const { reject, inTurn } of [...this.#calls.values()]) reject(new PlaceLost(error, inTurn));
    this.#calls.clear();
  }
}

function ignore(): void {}

/** The browser's own text would quote what was given. */
function unsendable(cause: unknown): InputError {
  const error = mismatch(
    "INPUT_VALUE",
    "input",
    "what can be copied to a worker: no functions, no elements, no detached buffers",
    "something else",
  );
  error.cause = cause;
  return error;
}

function lost(reason: string): PrediktError {
  return new BackendError("BACKEND_LOST", reason, { details: { reason } });
}
