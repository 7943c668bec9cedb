import type { IncomingMessage, ServerResponse } from "node:http";
import { createHandler, type HandlerOptions } from "@predikt/core/serving";
import { NodeRequest, sendReply } from "./node-request.ts";

/** A listener for `node:http` servers. */
export interface RequestListener {
  (req: IncomingMessage, res: ServerResponse): void;
  /** Answers new predictions with 503 DRAINING and resolves once those under way are answered. Call it before `server.close()`. */
  close(): Promise<void>;
}

/**
 * Serves models from a `node:http` or `node:https` server: `createServer(createRequestListener({ models, prefix: "/api" }))`.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function createRequestListener(options: HandlerOptions): RequestListener {
  const handler = createHandler(options);
  const listener = (req: IncomingMessage, res: ServerResponse): void => {
    void handler.handle(new NodeRequest(req, res)).then((reply) => sendReply(res, reply));
  };
  return Object.assign(listener, { close: () => handler.close() });
}
