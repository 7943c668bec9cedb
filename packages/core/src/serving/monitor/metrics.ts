import type { ModelResolver } from "../../types/index.ts";
import type { ReplyEvent } from "../options.ts";

/** Keeps account of what is served, and writes it down for `GET {prefix}/metrics`. `@predikt/node/metrics` has one for Prometheus. */
export interface MetricsSource {
  /** Of what `render` gives. */
  readonly contentType: string;
  render(): string | Promise<string>;
  /** Watches the models that a handler serves, those that come later too, until the returned function is called. */
  watch?(resolver: ModelResolver): () => void;
  /** A request has been answered. */
  reply?(event: ReplyEvent): void;
}
