import type { Endpoint, Fleet } from "./fleet.ts";
import { isRefusal } from "./transport.ts";
import { wireSignal } from "./wire-signal.ts";

/** How endpoints are watched. */
export interface ProbeLimits {
  /** Milliseconds between two probes of an endpoint; Infinity for none. */
  readonly intervalMs: number;
  /** Milliseconds after which a probe has failed. */
  readonly timeoutMs: number;
}

/**
 * Asks endpoints whether they are ready: all of them where there are several, else only one that is out of use. One that is not leaves, unless it is the
 * last; one that is comes back.
 */
export class Probes {
  readonly #fleet: Fleet;
  readonly #limits: ProbeLimits;
  readonly #closing: AbortController = new AbortController();
  #timer: unknown;
  #round: Promise<unknown> | undefined;

  constructor(fleet: Fleet, limits: ProbeLimits) {
    this.#fleet = fleet;
    this.#limits = limits;
  }

  /** Waits for the next round, where there is something to watch. Called when an endpoint has left, too. */
  schedule(): void {
    const { endpoints, clock } = this.#fleet;
    const { intervalMs } = this.#limits;
    if (this.#timer !== undefined || this.#round !== undefined || intervalMs === Infinity || this.#closing.signal.aborted) return;
    if (endpoints.length === 1 && !this.#out()) return;
    this.#timer = clock.after(intervalMs, () => {
      this.#timer = undefined;
      this.#round = Promise.all(endpoints.map((endpoint) => this.#probe(endpoint))).then(() => {
        this.#round = undefined;
        this.schedule();
      });
    });
    // It keeps no process alive.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  /** Ends the round under way and starts no other. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#fleet.clock.clear(this.#timer);
    await this.#round;
  }

  #out(): boolean {
    return this.#fleet.endpoints.some(({ circuit }) => circuit.open);
  }

  async #probe(endpoint: Endpoint): Promise<void> {
    const { clock, endpoints } = this.#fleet;
    const { timeoutMs } = this.#limits;
    const { circuit, transport } = endpoint;
    const wire = wireSignal(this.#closing.signal, timeoutMs, clock);
    let reason: string | undefined;
    try {
      const answer = await transport.ready({ signal: wire.signal, timeoutMs });
      if (isRefusal(answer)) reason = answer.error.message;
      else if (!answer.value) reason = "it says that it is not ready";
    } catch (thrown) {
      reason = thrown instanceof Error ? thrown.message : "the health probe failed";
    }
    wire.release();
    if (wire.expired) reason = `no answer to a health probe within ${timeoutMs} ms`;
    if (this.#closing.signal.aborted) return;
    if (reason === undefined) circuit.passed();
    else if (endpoints.some((other) => other !== endpoint && !other.circuit.open)) {
      transport.forget?.();
      circuit.trip(reason);
    }
  }
}
