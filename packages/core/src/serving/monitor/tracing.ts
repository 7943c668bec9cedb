import type { NeutralRequest } from "../neutral.ts";
import type { ReplyEvent } from "../options.ts";
import type { Operation } from "../protocol.ts";

/** A request, before it is answered. */
export interface TracedRequest extends Pick<NeutralRequest, "method" | "header" | "signal"> {
  readonly requestId: string;
  /** The kind of route, e.g. `predict`; undefined for an unknown one. */
  readonly route: string | undefined;
  readonly operation: Operation | undefined;
  readonly model: string | undefined;
}

/** One request in a trace. */
export interface TracedCall {
  /** Calls the function so that what it starts belongs to the request. */
  run<T>(work: () => T): T;
  end(event: ReplyEvent): void;
}

/** Puts requests into traces. `@predikt/node/otel` has one for OpenTelemetry. */
export interface Tracing {
  /** A request has come. Undefined: it is not traced. */
  request(request: TracedRequest): TracedCall | undefined;
}
