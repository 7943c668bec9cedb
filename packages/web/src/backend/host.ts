import { type AbortLike, BackendError, type BackendEvent, type FileProgress, type PrediktError, type Priority } from "@predikt/core";
import { reviveError } from "@predikt/core/runtime";
import type { CallName, Calls, Report } from "../worker/protocol.ts";
import { Turns } from "./turns.ts";

/** What a host needs of a worker. */
export interface WorkerPort {
  postMessage(message: unknown): void;
  addEventListener(type: "message" | "messageerror" | "error", listener: (event: Event) => void): void;
  terminate(): void;
}

/** Who hears of a call while it is under way. */
export interface CallHooks {
  readonly signal?: AbortLike | undefined;
  readonly onProgress?: ((files: readonly FileProgress[], fromCache: boolean) => void) | undefined;
  readonly onEvent?: ((event: BackendEvent) => void) | undefined;
}

/** How a call waits for its turn, and how long it may take. */
export interface TurnOptions {
  readonly priority?: Priority | undefined;
  /** Fires when nobody waits for the call any more: it leaves the queue. */
  readonly abandoned?: AbortLike | undefined;
  /** Milliseconds after which the worker is taken to hang. */
  readonly limitMs: number;
}

/** The worker has ended, or is of no use any more. `executing`: while it did what the call asked, and not something else. */
export class WorkerLost {
  readonly error: PrediktError;
  readonly executing: boolean;

  constructor(error: PrediktError, executing: boolean) {
    this.error = error;
    this.executing = executing;
  }
}

interface Call {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
  readonly hooks: CallHooks;
  readonly inTurn: boolean;
}

/** One worker, seen from the page. */
export class Host {
  /** Called once, when the worker has been lost or ended. */
  onEnd: (() => void) | undefined;
  readonly #port: WorkerPort;
  readonly #turns = new Turns();
  readonly #calls = new Map<number, Call>();
  #next = 0;
  #fate: PrediktError | undefined;

  /** @param scriptUrl For the error where the worker's script cannot be loaded. */
  constructor(port: WorkerPort, scriptUrl: string) {
    this.#port = port;
    port.addEventListener("message", (event) => this.#reported((event as MessageEvent<Report>).data));
    port.addEventListener("messageerror", () => this.#lose(lost("the worker's answer could not be read")));
    port.addEventListener("error", (event) => {
      event.preventDefault();
      const { message } = event as ErrorEvent;
      this.#lose(message ? lost(`the worker failed: ${message}`) : unloadable(scriptUrl));
    });
  }

  get ended(): boolean {
    return this.#fate !== undefined;
  }

  /** Asks for something that does not use the runtime. Rejects with what was thrown there, WorkerLost, or the signal's reason. */
  ask<Name extends CallName>(name: Name, ask: Calls[Name]["ask"], hooks: CallHooks = {}): Promise<Calls[Name]["answer"]> {
    return this.#send(name, ask, hooks, false);
  }

  /** Asks for something that uses the runtime, when its turn has come. The feeds of a run are copied. */
  async inTurn<Name extends CallName>(name: Name, ask: Calls[Name]["ask"], options: TurnOptions): Promise<Calls[Name]["answer"]> {
    const done = await this.#turns.take(options.priority, options.abandoned);
    const watchdog = setTimeout(
      () => this.#lose(lost(`the worker gave no answer for ${options.limitMs} ms and was ended`)),
      options.limitMs,
    );
    try {
      return await this.#send(name, ask, {}, true);
    } finally {
      clearTimeout(watchdog);
      done();
    }
  }

  /** Ends the worker at once. What was asked of it rejects with WorkerLost. */
  end(): void {
    this.#lose(lost("the worker was ended"));
  }

  #send<Name extends CallName>(name: Name, ask: unknown, hooks: CallHooks, inTurn: boolean): Promise<Calls[Name]["answer"]> {
    return new Promise((resolve, reject) => {
      if (this.#fate !== undefined) throw new WorkerLost(this.#fate, false);
      const { signal } = hooks;
      if (signal?.aborted) throw signal.reason;
      const id = this.#next++;
      const abort = (): void => {
        this.#calls.delete(id);
        reject(signal?.reason);
        this.#port.postMessage({ id: this.#next++, name: "abort", ask: { call: id } });
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
        this.#port.postMessage({ id, name, ask });
      } catch (error) {
        this.#take(id)?.reject(error);
      }
    });
  }

  #reported(report: Report): void {
    switch (report.type) {
      case "answer":
        this.#take(report.id)?.resolve(report.answer as never);
        break;
      case "error": {
        const error = reviveError(report.error);
        const call = this.#take(report.id);
        call?.reject(report.fatal ? new WorkerLost(error, true) : error);
        if (report.fatal) this.#lose(error);
        break;
      }
      case "progress":
        this.#calls.get(report.id)?.hooks.onProgress?.(report.files, report.fromCache);
        break;
      case "store-event":
        this.#calls.get(report.id)?.hooks.onEvent?.(report.event);
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
    for (const { reject, inTurn } of [...this.#calls.values()]) reject(new WorkerLost(error, inTurn));
    this.#calls.clear();
  }
}

function lost(reason: string): PrediktError {
  return new BackendError("BACKEND_LOST", reason, { details: { reason } });
}

function unloadable(url: string): PrediktError {
  const cure = "serve the folder dist/ of @predikt/web there, name another place with the option assets.base, or start the worker yourself";
  return new BackendError("BACKEND_MISSING", `the worker's script ${url} could not be loaded: ${cure}`, { details: { url } });
}
