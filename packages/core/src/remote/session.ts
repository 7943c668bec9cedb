import { LifecycleError } from "../errors/index.ts";
import { protocolError } from "../http/send.ts";
import type { BackendSession, ModelMetadata, RunOptions, Signature, Tensors } from "../types/index.ts";
import { attempt, type RetryLimits } from "./attempts.ts";
import type { Fleet } from "./fleet.ts";
import type { Probes } from "./probes.ts";
import type { RemoteModel } from "./transport.ts";

/** What a remote session is made of. */
export interface SessionParts {
  readonly fleet: Fleet;
  readonly probes: Probes;
  readonly limits: RetryLimits;
  readonly model: RemoteModel;
  readonly concurrency: number;
  /** What stays the same of `details`. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A model on other machines: a run is a request to one of the endpoints. */
export class RemoteSession implements BackendSession {
  readonly signature: Signature;
  readonly metadata: ModelMetadata;
  readonly digest: undefined;
  readonly modelBytes: undefined;
  readonly device: string = "remote";
  readonly execution: string = "remote";
  readonly skipped: readonly never[] = [];
  readonly batchUnsafeOps: readonly never[] = [];
  readonly stopsAbandoned: boolean = true;
  readonly concurrency: number;
  readonly #parts: SessionParts;
  readonly #running: Set<Promise<unknown>> = new Set();
  #closing: Promise<void> | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.concurrency = parts.concurrency;
    ({ signature: this.signature, metadata: this.metadata } = parts.model);
  }

  get details(): Readonly<Record<string, unknown>> {
    const { facts, fleet } = this.#parts;
    const endpoints = fleet.endpoints.map(({ url, outstanding, circuit: { open, reason } }) =>
      open ? { endpoint: url, inUse: false, outstanding, reason } : { endpoint: url, inUse: true, outstanding },
    );
    return { ...facts, endpoints };
  }

  run(feeds: Tensors, options: RunOptions = {}): Promise<Tensors> {
    if (this.#closing !== undefined) return Promise.reject(new LifecycleError("CLOSED", "the session is closed"));
    const running = this.#run(feeds, options);
    this.#running.add(running);
    const done = (): unknown => this.#running.delete(running);
    running.then(done, done);
    return running;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #run(feeds: Tensors, options: RunOptions): Promise<Tensors> {
    const { fleet, limits } = this.#parts;
    const { abandoned, timeoutMs = Infinity, priority = "normal", requestId, call: { signal: caller } = {} } = options;
    const { signature } = this;
    const outputs = await attempt(fleet, limits, { gone: abandoned, timeoutMs }, (transport, call) =>
      transport.infer(feeds, { ...call, signature, priority, requestId, caller }),
    );
    for (const { name } of signature.outputs)
      if (outputs[name] === undefined) throw protocolError(`the output "${name}", which its metadata promise`, "others");
    return outputs;
  }

  async #close(): Promise<void> {
    await this.#parts.probes.close();
    await Promise.allSettled(this.#running);
    await Promise.all(this.#parts.fleet.endpoints.map(({ transport }) => transport.close?.()));
  }
}
