import { LifecycleError, type PrediktError } from "../errors/index.ts";
import type { BackendEvent, BackendSession, ModelMetadata, RunOptions, Signature, SkippedDevice, Tensors } from "../types/index.ts";
import type { Circuit } from "./circuit.ts";

/** What a place throws where it has gone. `executing`: while it did what was asked, and not something else. */
export class PlaceLost {
  readonly error: PrediktError;
  readonly executing: boolean;

  constructor(error: PrediktError, executing: boolean) {
    this.error = error;
    this.executing = executing;
  }
}

/** A model that is open somewhere that can be lost: a worker, a GPU. */
export interface Place {
  readonly signature: Signature;
  readonly metadata: ModelMetadata;
  readonly digest: string;
  readonly modelBytes: number;
  readonly batchUnsafeOps: readonly string[];
  readonly device: string;
  readonly execution: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** Devices that were tried before it. */
  readonly skipped: readonly SkippedDevice[];
  readonly isLost: boolean;
  /** Runs the model, and leaves the feeds as they are. Rejects with PlaceLost where the place has gone. */
  run(feeds: Tensors, options: RunOptions): Promise<Tensors>;
  /** Frees what it has, after its work. It never rejects. */
  close(): Promise<void>;
}

/** What two places were compared by. */
export interface Comparison {
  /** The better place, where it is another one; the one before is closed then. */
  readonly better: Place | undefined;
  /** Milliseconds of a run by device. */
  readonly measuredRunMs: Readonly<Record<string, number>>;
  /** Why the better one is better, where it is not its speed. */
  readonly reason?: string | undefined;
}

/** How a session lives on. */
export interface RevivingOptions {
  readonly place: Place;
  /** The devices that it may run on, best first. */
  readonly devices: readonly string[];
  /** Devices that were never tried, and why. */
  readonly skipped: readonly SkippedDevice[];
  readonly circuit: Circuit;
  /** Opens the model again on the first of the devices that takes it. */
  readonly reopen: (devices: readonly string[]) => Promise<Place>;
  /** Looks for a faster place, where the device was chosen by itself. Undefined where there is nothing to compare. */
  readonly compare?: ((place: Place, feeds: Tensors) => Promise<Comparison | undefined>) | undefined;
  readonly onEvent: (event: BackendEvent) => void;
}

/**
 * A session that outlives the places in which it runs. A place that is lost is replaced, and what it was doing is done once more; where it is lost again,
 * on the next device. Each loss is an event; after three of them the circuit opens.
 */
export class RevivingSession implements BackendSession {
  readonly concurrency = 1;
  /** Only while a run waits for its turn: one that has begun ends by itself. */
  readonly stopsAbandoned = true;
  readonly #options: RevivingOptions;
  #place: Place;
  #devices: readonly string[];
  #skipped: readonly SkippedDevice[];
  #measured: Comparison["measuredRunMs"] | undefined;
  #reopening: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: RevivingOptions) {
    this.#options = options;
    this.#place = options.place;
    this.#skipped = [...options.skipped, ...options.place.skipped];
    this.#devices = this.#from(options.place.device);
  }

  get signature(): Signature {
    return this.#place.signature;
  }
  get metadata(): ModelMetadata {
    return this.#place.metadata;
  }
  get digest(): string {
    return this.#place.digest;
  }
  get modelBytes(): number {
    return this.#place.modelBytes;
  }
  get batchUnsafeOps(): readonly string[] {
    return this.#place.batchUnsafeOps;
  }
  get device(): string {
    return this.#place.device;
  }
  get skipped(): readonly SkippedDevice[] {
    return this.#skipped;
  }
  get execution(): string {
    return this.#place.execution;
  }
  get details(): Readonly<Record<string, unknown>> {
    return this.#measured === undefined ? this.#place.details : { ...this.#place.details, measuredRunMs: this.#measured };
  }

  async run(feeds: Tensors, options: RunOptions = {}): Promise<Tensors> {
    const { circuit } = this.#options;
    for (let losses = 0; ; ) {
      // Nobody waits: what was lost is not done once more.
      if (options.abandoned?.aborted) throw options.abandoned.reason;
      circuit.check();
      await this.#ready();
      try {
        return await this.#place.run(feeds, options);
      } catch (thrown) {
        if (!(thrown instanceof PlaceLost)) throw thrown;
        // A place that another session has broken is nothing that this run has done.
        if (!thrown.executing) continue;
        losses++;
        this.#tellLoss(thrown.error);
        // The losses of a device that is given up say nothing of the next one.
        if (losses > 1 && this.#stepDown(thrown.error)) circuit.forget();
        else {
          circuit.lost(thrown.error);
          if (losses > 1) throw thrown.error;
        }
      }
    }
  }

  async calibrate(feeds: Tensors): Promise<void> {
    const { compare, circuit, onEvent } = this.#options;
    const before = this.#place;
    let comparison: Comparison | undefined;
    try {
      comparison = await compare?.(before, feeds);
    } catch (thrown) {
      if (!(thrown instanceof PlaceLost)) throw thrown;
      // The next run has the place replaced, on the next device: this one has not even managed its first run, which may take long.
      if (thrown.executing) {
        this.#tellLoss(thrown.error);
        if (!this.#stepDown(thrown.error)) circuit.lost(thrown.error);
      }
      return;
    }
    const { better, measuredRunMs, reason: given } = comparison ?? {};
    this.#measured = measuredRunMs;
    if (better === undefined || measuredRunMs === undefined) return;
    if (this.#closing !== undefined) {
      await better.close();
      return;
    }
    this.#place = better;
    this.#devices = this.#from(better.device);
    const times = Object.entries(measuredRunMs).map(([device, ms]) => `${ms.toFixed(2)} ms on ${device}`);
    const reason = given ?? `slower for this model: a run takes ${times.join(", ")}`;
    this.#skipped = [...this.#skipped, { device: before.device, reason }];
    onEvent({ type: "device-changed", detail: { from: before.device, to: better.device, reason } });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The devices from one on. */
  #from(device: string): readonly string[] {
    const { devices } = this.#options;
    return devices.slice(devices.indexOf(device));
  }

  /** Resolves when there is a place for the model. */
  #ready(): Promise<void> | undefined {
    if (this.#closing !== undefined) throw new LifecycleError("CLOSED", "the session is closed");
    if (!this.#place.isLost) return undefined;
    this.#reopening ??= this.#reopen().finally(() => {
      this.#reopening = undefined;
    });
    return this.#reopening;
  }

  async #reopen(): Promise<void> {
    const { reopen, onEvent, circuit } = this.#options;
    const before = this.#place;
    await before.close();
    try {
      this.#place = await reopen(this.#devices);
    } catch (error) {
      circuit.lost(error as PrediktError);
      throw error;
    }
    const { device, skipped } = this.#place;
    onEvent({ type: "worker-replaced", detail: { device } });
    this.#skipped = [...this.#skipped, ...skipped];
    if (device !== before.device) {
      const reason = this.#skipped.filter((each) => each.device === before.device).at(-1)?.reason;
      onEvent({ type: "device-changed", detail: { from: before.device, to: device, reason } });
    }
    this.#devices = this.#from(device);
  }

  #tellLoss(error: PrediktError): void {
    this.#options.onEvent({ type: "worker-lost", detail: { device: this.device, code: error.code, reason: error.message } });
  }

  /** Gives up a device on which a run was lost twice. Whether there is another. */
  #stepDown(error: PrediktError): boolean {
    if (this.#devices.length < 2) return false;
    this.#devices = this.#devices.slice(1);
    this.#skipped = [...this.#skipped, { device: this.device, reason: error.message }];
    return true;
  }

  async #close(): Promise<void> {
    await this.#reopening?.catch(() => {});
    await this.#place.close();
  }
}
