import nodeCluster, { type Worker } from "node:cluster";
import { LifecycleError } from "@predikt/core";
import { closeLostConnections } from "./lost-connections.ts";
import { isOurs, type ToChild, type ToParent } from "./messages.ts";
import type { ClusterProcess } from "./options.ts";

/** How long a child that has drained may take to end by itself, in milliseconds. */
const leaveMs = 1000;
/** How long a child may take to give what it collects, in milliseconds. */
const collectMs = 1000;

/** How a child ended. */
export interface Ending {
  /** `closed`: it was asked to, and drained. `killed`: it was asked to, and did not. `lost`: it was not asked to. */
  readonly kind: "closed" | "killed" | "lost";
  /** For people: `exit code 1`, `signal SIGKILL`. */
  readonly reason: string;
}

/** What a member needs of its cluster. */
export interface MemberOptions {
  readonly index: number;
  readonly env: Readonly<Record<string, string>>;
  readonly startTimeoutMs: number;
  readonly drainTimeoutMs: number;
  /** It drains without having been asked to. */
  onLeaving(member: Member): void;
  collectAll(): Promise<unknown[]>;
}

/** One child, from its start to its end. */
export class Member implements ClusterProcess {
  readonly index: number;
  /** Resolves when its service has started. @throws LifecycleError NOT_READY where it ends before that */
  readonly ready: Promise<void>;
  readonly ended: Promise<Ending>;
  readonly #options: MemberOptions;
  readonly #worker: Worker;
  readonly #asked = new Map<number, (values: readonly unknown[]) => void>();
  #state: "starting" | "ready" | "draining" = "starting";
  #readyAt: number | undefined;
  #drained = false;
  /** Why it was killed, or is to be. */
  #fate: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastId = 0;
  #markReady: () => void = () => {};

  constructor(options: MemberOptions) {
    this.#options = options;
    this.index = options.index;
    this.#worker = nodeCluster.fork(options.env);
    closeLostConnections(this.#worker.process);
    this.#worker.on("message", (message) => isOurs(message) && this.#told(message as ToParent));
    this.ended = new Promise((resolve) => {
      const end = (reason: string): void => {
        clearTimeout(this.#timer);
        resolve(this.#ending(reason));
      };
      this.#worker.once("exit", (code, signal) => end(signal === null ? `exit code ${code}` : `signal ${signal}`));
      this.#worker.on("error", (error: Error) => {
        if (this.#worker.process.pid === undefined) end(`it could not be started: ${error.message}`);
      });
    });
    this.ready = new Promise((resolve, reject) => {
      this.#markReady = resolve;
      void this.ended.then(({ reason }) =>
        reject(new LifecycleError("NOT_READY", `process ${this.index} ended before it was ready: ${this.#fate ?? reason}`)),
      );
    });
    this.ready.catch(() => {});
    this.#killAfter(options.startTimeoutMs, `not ready after ${options.startTimeoutMs} ms`);
  }

  get pid(): number {
    return this.#worker.process.pid ?? 0;
  }

  get state(): "starting" | "ready" | "draining" {
    return this.#state;
  }

  /** Milliseconds since it became ready. */
  get age(): number {
    return this.#readyAt === undefined ? 0 : performance.now() - this.#readyAt;
  }

  /** Asks it to drain and end, or kills it where it has not started. Resolves when it is gone. */
  async close(): Promise<void> {
    if (this.#state === "starting") {
      this.#fate = "it was not wanted any more";
      this.#state = "draining";
      this.#worker.process.kill("SIGKILL");
    } else if (this.#state === "ready") {
      this.#tell({ predikt: "drain" });
      this.#leave();
    }
    await this.ended;
  }

  /** What it adds to `collect`: one value or none. */
  collect(): Promise<readonly unknown[]> {
    if (this.#state !== "ready") return Promise.resolve([]);
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      const timer = setTimeout(() => done([]), collectMs);
      const done = (values: readonly unknown[]): void => {
        clearTimeout(timer);
        this.#asked.delete(id);
        resolve(values);
      };
      this.#asked.set(id, done);
      void this.ended.then(() => done([]));
      this.#tell({ predikt: "collect", id });
    });
  }

  #told(message: ToParent): void {
    switch (message.predikt) {
      case "ready":
        if (this.#state !== "starting") return;
        clearTimeout(this.#timer);
        this.#state = "ready";
        this.#readyAt = performance.now();
        this.#markReady();
        break;
      case "leaving":
        if (this.#state === "draining") return;
        this.#leave();
        this.#options.onLeaving(this);
        break;
      case "drained":
        this.#drained = true;
        this.#fate = message.failure;
        this.#tell({ predikt: "leave" });
        this.#killAfter(leaveMs, `it drained, and did not end by itself within ${leaveMs} ms: something keeps its event loop alive`);
        break;
      case "collected":
        this.#asked.get(message.id)?.(message.values);
        break;
      case "collect-all":
        void this.#options.collectAll().then((values) => this.#tell({ predikt: "all", id: message.id, values }));
        break;
    }
  }

  #leave(): void {
    const { drainTimeoutMs } = this.#options;
    this.#state = "draining";
    this.#killAfter(drainTimeoutMs, `it had not drained after ${drainTimeoutMs} ms`);
  }

  #killAfter(ms: number, why: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#fate = why;
      this.#worker.process.kill("SIGKILL");
    }, ms);
  }

  #ending(reason: string): Ending {
    if (this.#state !== "draining") return { kind: "lost", reason: this.#fate ?? reason };
    if (this.#drained && this.#fate === undefined) return { kind: "closed", reason };
    return { kind: "killed", reason: this.#fate ?? reason };
  }

  /** One that is gone is not told: its end is. */
  #tell(message: ToChild): void {
    if (this.#worker.isConnected()) this.#worker.send(message, () => {});
  }
}
