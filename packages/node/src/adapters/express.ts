import type { IncomingMessage, ServerResponse } from "node:http";
import type { HandlerOptions } from "@predikt/core/serving";
import { createNodeServing, type NodeOptions, withSignals } from "./node-serving.ts";

/** Options of the Express middleware. */
export interface ExpressOptions extends Omit<HandlerOptions, "prefix">, NodeOptions {
  /** Hand paths that are no route of ours to the next middleware instead of answering 404. Default: false. */
  readonly fallthrough?: boolean | undefined;
}

/** Middleware for Express 5 and 4. */
export interface ExpressMiddleware {
  (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void): void;
  /** Answers new predictions with 503 DRAINING and resolves once those under way are answered and sent. Call it before `server.close()`. */
  close(): Promise<void>;
}

/**
 * Serves models from an Express app: `app.use("/api", predikt({ models }))`. Body parsers before it are neither needed nor in the way; it reads
 * what they have left, or takes what they have made.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function predikt(options: ExpressOptions): ExpressMiddleware {
  const { fallthrough = false, ...rest } = options;
  const { handler, serve, close } = createNodeServing(rest);
  const middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void): void => {
    if (fallthrough && !handler.matches(req.url ?? "/")) next();
    else serve(req, res);
  };
  return Object.assign(middleware, { close: withSignals(close, options) });
}
