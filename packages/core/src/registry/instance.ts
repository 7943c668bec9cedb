import { reasonOf } from "../errors/reason.ts";
import type { AnyPredictor, Clock, Lease } from "../types/index.ts";

/** What an instance is made of. */
export interface InstanceParts {
  readonly predictor: AnyPredictor;
  readonly version: string;
  readonly revision: string | undefined;
  /** Whether the registry opened it, and so closes it. */
  readonly owned: boolean;
  readonly clock: Clock;
  readonly drainTimeoutMs: number;
}

/** A version as it was opened once: those who have it are counted, and it closes when the last gives it back. */
export class Instance {
  readonly predictor: AnyPredictor;
  readonly version: string;
  readonly revision: string | undefined;
  readonly #parts: InstanceParts;
  readonly #bare: Lease;
  #leases = 0;
  #retired: Promise<string> | undefined;
  #drained: (() => void) | undefined;

  constructor(parts: InstanceParts) {
    this.#parts = parts;
    this.predictor = parts.predictor;
    this.version = parts.version;
    this.revision = parts.revision;
    this.#bare = this.leaseOf(parts.predictor);
  }

  /** Whether it takes nobody new. */
  get isRetired(): boolean {
    return this.#retired !== undefined;
  }

  /** A lease that is handed out any number of times, so that taking one allocates nothing; each time it counts. */
  leaseOf(predictor: AnyPredictor): Lease {
    const release = (): void => {
      this.#leases--;
      if (this.#leases === 0) this.#drained?.();
    };
    return { predictor, release };
  }

  /** Counts one more who has it. */
  take(lease: Lease = this.#bare): Lease {
    this.#leases++;
    return lease;
  }

  /** Waits for those who have it, though not for ever, and closes it. Resolves with why closing failed, or `""`. */
  retire(): Promise<string> {
    this.#retired ??= this.#retire();
    return this.#retired;
  }

  async #retire(): Promise<string> {
    const { clock, drainTimeoutMs, owned, predictor } = this.#parts;
    if (this.#leases > 0) {
      await new Promise<void>((resolve) => {
        const timer = drainTimeoutMs === Infinity ? undefined : clock.after(drainTimeoutMs, resolve);
        this.#drained = () => {
          if (timer !== undefined) clock.clear(timer);
          resolve();
        };
      });
      this.#drained = undefined;
    }
    if (!owned) return "";
    try {
      await predictor.close();
      return "";
    } catch (error) {
      return `closing failed: ${reasonOf(error)}`;
    }
  }
}
