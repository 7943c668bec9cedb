import type { IncomingMessage, ServerResponse } from "node:http";
import type { HandlerOptions } from "@predikt/core/serving";
import { createNodeServing, type NodeOptions, withSignals } from "./node-serving.ts";

/** Options of the `node:http` listener. */
export interface ListenerOptions extends HandlerOptions, NodeOptions {}

/** A listener for `node:http` servers. */
export interface RequestListener {
  (req: IncomingMessage, res: ServerResponse): void;
  /** Answers new predictions with 503 DRAINING and resolves once those under way are answered and sent. Call it before `server.close()`. */
  close(): Promise<void>;
}

/**
 * Serves models from a `node:http` or `node:https` server: `createServer(createRequestListener({ models, prefix: "/api" }))`.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function createRequestListener(options: ListenerOptions): RequestListener {
  const { serve, close } = createNodeServing(options);
  return Object.assign((req: IncomingMessage, res: ServerResponse) => serve(req, res), { close: withSignals(close, options) });
}
