import { RemoteError } from "../errors/index.ts";
import type { BackendEvent, Clock } from "../types/index.ts";
import { type CircuitLimits, EndpointCircuit } from "./endpoint-circuit.ts";
import type { Transport } from "./transport.ts";

/** One server, as it stands. */
export interface Endpoint {
  /** Without credentials. */
  readonly url: string;
  readonly transport: Transport;
  readonly circuit: EndpointCircuit;
  /** Requests under way. */
  outstanding: number;
}

/** The endpoints of a model, and which of them is asked next. */
export class Fleet {
  readonly endpoints: readonly Endpoint[];
  readonly clock: Clock;
  /** Where the search begins, so that ties go round. */
  #from = 0;

  constructor(
    links: readonly { readonly url: string; readonly transport: Transport }[],
    limits: CircuitLimits,
    clock: Clock,
    onEvent: (event: BackendEvent) => void,
  ) {
    this.clock = clock;
    this.endpoints = links.map(({ url, transport }) => {
      const circuit = new EndpointCircuit(limits, clock, (open, reason) => {
        const detail = open ? { endpoint: url, reason, restMs: limits.restMs } : { endpoint: url, reason };
        onEvent({ type: open ? "circuit-opened" : "circuit-closed", detail });
      });
      return { url, transport, circuit, outstanding: 0 };
    });
  }

  /**
   * The endpoint in use with the fewest requests under way, in turn where there are several; one that was tried already only where there is no other.
   * Undefined where none is in use.
   */
  pick(tried: ReadonlySet<Endpoint>): Endpoint | undefined {
    const { endpoints } = this;
    let best: Endpoint | undefined;
    let bestAt = 0;
    for (let i = 0; i < endpoints.length; i++) {
      const at = (this.#from + i) % endpoints.length;
      const endpoint = endpoints[at] as Endpoint;
      if (!endpoint.circuit.admits || (best !== undefined && !isBetter(endpoint, best, tried))) continue;
      [best, bestAt] = [endpoint, at];
    }
    this.#from = (bestAt + 1) % endpoints.length;
    return best;
  }

  /** Whether an endpoint that was not tried yet would be taken. */
  hasUntried(tried: ReadonlySet<Endpoint>): boolean {
    return this.endpoints.some((endpoint) => endpoint.circuit.admits && !tried.has(endpoint));
  }

  /** The error where no endpoint is in use. */
  allResting(): RemoteError {
    const endpoints = this.endpoints.map(({ url, circuit: { reason, restMs } }) => ({ endpoint: url, reason, restMs: Math.ceil(restMs) }));
    const retryAfterMs = Math.min(...endpoints.map(({ restMs }) => restMs));
    const reasons = endpoints.map(({ endpoint, reason }) => `${endpoint}: ${reason}`).join("; ");
    return new RemoteError("REMOTE_UNREACHABLE", `no endpoint is in use for now: ${reasons}`, { details: { endpoints, retryAfterMs } });
  }
}

function isBetter(one: Endpoint, other: Endpoint, tried: ReadonlySet<Endpoint>): boolean {
  const [again, otherAgain] = [tried.has(one), tried.has(other)];
  return again === otherAgain ? one.outstanding < other.outstanding : otherAgain;
}
