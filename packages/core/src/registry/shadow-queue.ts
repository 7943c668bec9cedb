import type { AnyPredictor, Clock, PredictOptions } from "../types/index.ts";
import { percentile, windowSize } from "./call-window.ts";
import { differenceOf } from "./compare.ts";
import { type Budget, copyOf } from "./copy.ts";
import type { RegistryEvent } from "./events.ts";
import type { Instance } from "./instance.ts";
import type { ShadowReport } from "./report.ts";
import type { Shadow } from "./types.ts";

/** A way to call a predictor with one input. */
export type CallName = "predict" | "predictDetailed" | "predictEncoded" | "run";

/** What a shadow needs of its model. */
export interface ShadowHost {
  readonly name: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** The version that is asked along, where it is READY. */
  readonly target: () => Instance | undefined;
  /** The model's own calls under way. */
  readonly inFlight: () => number;
  readonly emit: (event: RegistryEvent) => void;
}

/** One request that the shadow shall see: first its input, then the answer that it got, then its turn. */
export interface Ticket {
  /** Copies the input, which may be the caller's to change. */
  keep(call: CallName, input: unknown): void;
  /** @param tookMs Undefined where the answer's own time is not known. */
  answered(champion: Instance, output: unknown, tookMs: number | undefined): void;
  cancel(): void;
}

interface Waiting {
  readonly call: CallName;
  readonly input: unknown;
  readonly champion: Instance;
  readonly output: unknown;
  readonly tookMs: number | undefined;
  readonly done: () => void;
}

/** A shadow that hangs holds up its own queue only, and not longer than this. */
const timeoutMs = 60_000;

/** Asks a version along, one request at a time, behind everything else, and compares its answers with those that were given. */
export class ShadowQueue {
  readonly #config: { readonly [Key in "sample" | "queueLimit" | "maxInFlight" | "tolerance"]: number };
  readonly #agrees: Shadow["agrees"];
  readonly #host: ShadowHost;
  readonly #waiting: Waiting[] = [];
  readonly #championMs: number[] = [];
  readonly #shadowMs: number[] = [];
  #bytes: number;
  #admitted = 0;
  #busy = false;
  #stopped = false;
  #compared = 0;
  #dropped = 0;
  #failed = 0;
  #agreeing = 0;
  #sum = 0;
  #numbers = 0;

  constructor(shadow: Shadow, host: ShadowHost) {
    const { sample = 1, queueLimit = 64, queueBytes = 2 ** 26, maxInFlight = 0, tolerance = 0.1 } = shadow;
    this.#config = { sample, queueLimit, maxInFlight, tolerance };
    this.#agrees = shadow.agrees;
    this.#host = host;
    this.#bytes = queueBytes;
  }

  /** A ticket for one call, where it is in the sample and there is room. */
  admit(champion: Instance): Ticket | undefined {
    const { sample, queueLimit } = this.#config;
    const target = this.#host.target();
    if (this.#stopped || target === champion || (sample < 1 && this.#host.random() >= sample)) return undefined;
    if (target === undefined || this.#admitted >= queueLimit) {
      this.#dropped++;
      return undefined;
    }
    this.#admitted++;
    return this.#ticket();
  }

  /** Looks whether the next one may start. */
  pump(): void {
    if (this.#busy || this.#waiting.length === 0 || this.#host.inFlight() > this.#config.maxInFlight) return;
    this.#busy = true;
    // Not in the turn in which an answer goes out.
    this.#host.clock.after(0, () => {
      const next = this.#host.inFlight() > this.#config.maxInFlight ? undefined : this.#waiting.shift();
      if (next === undefined) this.#busy = false;
      else void this.#run(next);
    });
  }

  /** Drops what waits. */
  stop(): void {
    this.#stopped = true;
    for (const { done } of this.#waiting.splice(0)) done();
  }

  report(): ShadowReport {
    const compared = this.#compared;
    const [shadow, champion] = [percentile([...this.#shadowMs], 0.5), percentile([...this.#championMs], 0.5)];
    return {
      version: this.#host.target()?.version,
      compared,
      dropped: this.#dropped,
      failed: this.#failed,
      agreement: compared === 0 ? undefined : this.#agreeing / compared,
      meanAbsoluteDifference: this.#numbers === 0 ? undefined : this.#sum / this.#numbers,
      latencyRatio: shadow === undefined || !champion ? undefined : shadow / champion,
    };
  }

  #ticket(): Ticket {
    let kept: { readonly call: CallName; readonly input: unknown } | undefined;
    let held = 0;
    const done = (): void => {
      this.#admitted--;
      this.#bytes += held;
    };
    return {
      keep: (call, input) => {
        const budget: Budget = { bytes: this.#bytes };
        let copy: unknown;
        try {
          copy = copyOf(input, budget);
        } catch {
          // An input that goes in circles, say. Its owner will hear of it from the champion.
          return;
        }
        if (budget.bytes < 0) return;
        held = this.#bytes - budget.bytes;
        this.#bytes = budget.bytes;
        kept = { call, input: copy };
      },
      answered: (champion, output, tookMs) => {
        if (kept === undefined || this.#stopped) {
          if (kept === undefined) this.#dropped++;
          done();
          return;
        }
        this.#waiting.push({ ...kept, champion, output, tookMs, done });
        this.pump();
      },
      cancel: done,
    };
  }

  async #run({ call, input, champion, output, tookMs, done }: Waiting): Promise<void> {
    const target = this.#host.target();
    if (target === undefined || target === champion) {
      if (target === undefined) this.#dropped++;
    } else {
      const lease = target.take();
      try {
        const { clock } = this.#host;
        const startedAt = clock.now();
        const answer = await callOf(lease.predictor, call, input, { priority: "low", timeoutMs });
        this.#compare(champion, target, output, outputOf(call, answer), tookMs, clock.now() - startedAt);
      } catch {
        this.#failed++;
      }
      lease.release();
    }
    done();
    this.#busy = false;
    this.pump();
  }

  #compare(champion: Instance, target: Instance, given: unknown, other: unknown, championMs: number | undefined, shadowMs: number): void {
    const { sum, count, ...difference } = differenceOf(given, other, this.#config.tolerance);
    const agrees = this.#agrees === undefined ? difference.agrees : this.#agrees(given as never, other as never);
    this.#compared++;
    if (agrees) this.#agreeing++;
    this.#sum += sum;
    this.#numbers += count;
    if (championMs !== undefined) {
      if (this.#championMs.length === windowSize) {
        this.#championMs.shift();
        this.#shadowMs.shift();
      }
      this.#championMs.push(championMs);
      this.#shadowMs.push(shadowMs);
    }
    this.#host.emit({
      type: "shadow-compared",
      name: this.#host.name,
      champion: champion.version,
      shadow: target.version,
      agrees,
      meanAbsoluteDifference: count === 0 ? undefined : sum / count,
      championMs,
      shadowMs,
    });
  }
}

/** Calls a predictor by the name of the call. */
export function callOf(predictor: AnyPredictor, call: CallName, input: unknown, options: PredictOptions | undefined): Promise<unknown> {
  return predictor[call](input as never, options);
}

/** What a call's answer says, without what is known about how it was made. */
export function outputOf(call: CallName, answer: unknown): unknown {
  return call === "predictDetailed" || call === "predictEncoded" ? (answer as { readonly output: unknown }).output : answer;
}
