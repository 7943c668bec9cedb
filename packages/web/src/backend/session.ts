import {
  type BackendEvent,
  type BackendSession,
  LifecycleError,
  type ModelMetadata,
  type PrediktError,
  type RunOptions,
  type Signature,
  type SkippedDevice,
  type Tensors,
} from "@predikt/core";
import { completedSignature } from "@predikt/core/runtime";
import type { Candidate } from "./choose.ts";
import type { Circuit } from "./circuit.ts";
import { faster } from "./faster.ts";
import { WorkerLost } from "./host.ts";
import type { Opened } from "./open.ts";

/** What a session is made of. */
export interface SessionParts {
  readonly opened: Opened;
  /** The devices that it may run on, best first; the last is the one after which there is none. */
  readonly candidates: readonly Candidate[];
  readonly skipped: readonly SkippedDevice[];
  /** Whether a small model is timed on both devices. */
  readonly isAutomatic: boolean;
  readonly hangTimeoutMs: number;
  readonly circuit: Circuit;
  /** Opens the model again, after its worker was lost. */
  readonly reopen: (candidates: readonly Candidate[]) => Promise<Opened>;
  readonly onEvent: (event: BackendEvent) => void;
}

/** A first run on the GPU compiles shaders: it may take that many times longer than others. */
const firstRunPatience = 10;

/** A model that is open in a browser. A worker that is lost is replaced, and what it was doing is done once more. */
export class WebSession implements BackendSession {
  readonly concurrency = 1;
  /** Only while a run waits for its turn: one that has begun ends by itself. */
  readonly stopsAbandoned = true;
  readonly signature: Signature;
  readonly #parts: SessionParts;
  #opened: Opened;
  #candidates: readonly Candidate[];
  #skipped: readonly SkippedDevice[];
  #measured: Readonly<Record<string, number>> | undefined;
  #hasRun = false;
  #reopening: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#opened = parts.opened;
    this.signature = completedSignature(parts.opened.loaded, parts.opened.outputs);
    this.#skipped = [...parts.skipped, ...parts.opened.skipped];
    this.#candidates = this.#from(parts.opened.device);
  }

  get metadata(): ModelMetadata {
    return this.#opened.loaded.metadata;
  }
  get digest(): string {
    return this.#opened.loaded.digest;
  }
  get modelBytes(): number {
    return this.#opened.loaded.modelBytes;
  }
  get batchUnsafeOps(): readonly string[] {
    return this.#opened.loaded.batchUnsafeOps;
  }
  get device(): string {
    return this.#opened.device;
  }
  get skipped(): readonly SkippedDevice[] {
    return this.#skipped;
  }
  get execution(): string {
    return this.#opened.isInline ? "inline" : "worker";
  }
  get details(): Readonly<Record<string, unknown>> {
    const { runtime, files, threads, loaded } = this.#opened;
    return {
      runtime,
      runtimeFile: files.wasm.split("/").pop(),
      runtimeKind: files.kind,
      threads,
      fromCache: loaded.fromCache,
      ...(this.#measured === undefined ? {} : { measuredRunMs: this.#measured }),
    };
  }

  async run(feeds: Tensors, { priority, abandoned }: RunOptions = {}): Promise<Tensors> {
    const { circuit, hangTimeoutMs } = this.#parts;
    for (let losses = 0; ; ) {
      circuit.check();
      await this.#ready();
      const { host, session } = this.#opened;
      const isCompiling = !this.#hasRun && this.device === "webgpu";
      const limitMs = Math.min(hangTimeoutMs * (isCompiling ? firstRunPatience : 1), 2 ** 31 - 1);
      try {
        const outputs = await host.inTurn("run", { session, feeds }, { priority, abandoned, limitMs });
        this.#hasRun = true;
        return outputs;
      } catch (thrown) {
        if (!(thrown instanceof WorkerLost)) throw thrown;
        // A worker that another session has broken is nothing that this run has done.
        if (!thrown.executing) continue;
        losses++;
        this.#lost(thrown.error);
        if (losses > 1 && !this.#stepDown(thrown.error)) throw thrown.error;
      }
    }
  }

  /** Where the device was chosen by itself, times a small model on WebAssembly too, and keeps what is faster. */
  async calibrate(feeds: Tensors): Promise<void> {
    const { isAutomatic, reopen, hangTimeoutMs, onEvent } = this.#parts;
    const wasm = this.#candidates.find(({ device }) => device === "wasm");
    if (!isAutomatic || this.device !== "webgpu" || wasm === undefined) return;
    const limitMs = Math.min(hangTimeoutMs * firstRunPatience, 2 ** 31 - 1);
    // In the same worker, whose build of the runtime has both.
    const reload = (): Promise<Opened> => reopen([{ device: "wasm", kinds: [this.#opened.files.kind] }]);
    const { opened, measured } = await faster(this.#opened, feeds, { reload, limitMs });
    this.#measured = measured;
    if (opened === undefined) return;
    this.#opened = opened;
    this.#candidates = [wasm];
    const reason = `slower for this model: a run takes ${measured["webgpu"]} ms, on wasm ${measured["wasm"]} ms`;
    this.#skipped = [...this.#skipped, { device: "webgpu", reason }];
    onEvent({ type: "device-changed", detail: { from: "webgpu", to: "wasm", reason } });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The candidates from a device on. */
  #from(device: string): readonly Candidate[] {
    const { candidates } = this.#parts;
    return candidates.slice(candidates.findIndex((candidate) => candidate.device === device));
  }

  /** Resolves when there is a worker with the model. */
  #ready(): Promise<void> | undefined {
    if (this.#closing !== undefined) throw new LifecycleError("CLOSED", "the session is closed");
    if (!this.#opened.host.ended) return undefined;
    this.#reopening ??= this.#reopen().finally(() => {
      this.#reopening = undefined;
    });
    return this.#reopening;
  }

  async #reopen(): Promise<void> {
    const before = this.#opened;
    before.leave();
    try {
      const opened = await this.#parts.reopen(this.#candidates);
      // Closed meanwhile: nobody would end it.
      if (this.#closing !== undefined) opened.leave();
      this.#opened = opened;
      this.#hasRun = false;
      this.#parts.onEvent({ type: "worker-replaced", detail: { device: opened.device } });
      if (opened.device !== before.device) this.#moved(before.device, opened.device, opened.skipped.at(-1)?.reason ?? "");
      this.#candidates = this.#from(opened.device);
    } catch (error) {
      this.#parts.circuit.lost(error as PrediktError);
      throw error;
    }
  }

  #lost(error: PrediktError): void {
    const { circuit, onEvent } = this.#parts;
    onEvent({ type: "worker-lost", detail: { device: this.device, code: error.code, reason: error.message } });
    circuit.lost(error);
  }

  /** Gives up a device on which the model has been lost twice in one run. Whether there is another. */
  #stepDown(error: PrediktError): boolean {
    if (this.#candidates.length < 2) return false;
    this.#candidates = this.#candidates.slice(1);
    this.#skipped = [...this.#skipped, { device: this.device, reason: error.message }];
    return true;
  }

  #moved(from: string, to: string, reason: string): void {
    this.#parts.onEvent({ type: "device-changed", detail: { from, to, reason } });
  }

  async #close(): Promise<void> {
    await this.#reopening?.catch(() => {});
    const { host, session, leave } = this.#opened;
    // The last session's worker is ended; of others, only the session.
    await host.inTurn("release", { session }, { limitMs: this.#parts.hangTimeoutMs }).catch(() => {});
    leave();
  }
}
