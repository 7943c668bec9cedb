import type { Clock } from "../types/index.ts";

/** When an endpoint is left alone. */
export interface CircuitLimits {
  /** Failures in a row after which the endpoint is out of use. */
  readonly failures: number;
  /** Milliseconds for which nothing is tried then. */
  readonly restMs: number;
}

/**
 * Whether an endpoint is in use. Closed, it is; failures in a row open it, and nothing is sent for a while; then one request at a time is let through
 * on trial, whose answer closes it. A health probe that the server passes ends the rest earlier.
 */
export class EndpointCircuit {
  readonly #limits: CircuitLimits;
  readonly #clock: Clock;
  readonly #onChange: (open: boolean, reason: string) => void;
  #failures = 0;
  #open = false;
  #restUntil = 0;
  #trial = false;
  #reason = "";

  constructor(limits: CircuitLimits, clock: Clock, onChange: (open: boolean, reason: string) => void) {
    this.#limits = limits;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  get open(): boolean {
    return this.#open;
  }

  /** Why it was opened last. */
  get reason(): string {
    return this.#reason;
  }

  /** Milliseconds until a request is let through on trial; 0 where one is now. */
  get restMs(): number {
    return this.#open ? Math.max(0, this.#restUntil - this.#clock.now()) : 0;
  }

  /** Whether a request may be sent. */
  get admits(): boolean {
    return !this.#open || (!this.#trial && this.restMs === 0);
  }

  /** A request is sent. Each is followed by one of `answered`, `failed` and `left`. */
  begin(): void {
    if (this.#open) this.#trial = true;
  }

  /** The endpoint has answered, whatever it said of the request. */
  answered(): void {
    this.#failures = 0;
    this.#trial = false;
    this.#set(false, "it answers");
  }

  /** The endpoint has failed. */
  failed(reason: string): void {
    this.#failures++;
    this.#trial = false;
    if (this.#open || this.#failures >= this.#limits.failures) this.trip(reason);
  }

  /** The request has ended without a word on the endpoint. */
  left(): void {
    this.#trial = false;
  }

  /** Takes the endpoint out of use now. */
  trip(reason: string): void {
    this.#restUntil = this.#clock.now() + this.#limits.restMs;
    this.#set(true, reason);
  }

  /** A health probe was passed: the endpoint is in use again, and the next failure ends that. */
  passed(): void {
    if (!this.#open) return;
    this.#failures = this.#limits.failures - 1;
    this.#trial = false;
    this.#set(false, "it passes its health probe");
  }

  #set(open: boolean, reason: string): void {
    const changed = this.#open !== open;
    this.#open = open;
    this.#reason = reason;
    if (changed) this.#onChange(open, reason);
  }
}
