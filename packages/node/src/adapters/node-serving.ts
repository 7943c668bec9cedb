import type { IncomingMessage, ServerResponse } from "node:http";
import { createHandler, type Handler, type HandlerOptions } from "@predikt/core/serving";
import { closeOnSignals } from "./close-on-signals.ts";
import { isClosed, NodeRequest, sendReply } from "./node-request.ts";

/** What the adapters of Node's own servers can do beside the handler. */
export interface NodeOptions {
  /**
   * Drain on SIGTERM and SIGINT, and let the signal end the process afterwards; a second one, half a second later or more, ends it at once.
   * Default: false, and then the process's signals are not touched.
   */
  readonly handleSignals?: boolean | undefined;
}

/** A handler with Node's requests and responses around it. */
export interface NodeServing {
  readonly handler: Handler;
  serve(req: IncomingMessage, res: ServerResponse): void;
  /** Remembers a reply that has been given to Node but not all to the system yet. */
  watch(res: ServerResponse): void;
  /** Drains the handler and waits until its last reply has left the process: Node's own close cuts replies that wait for a slow reader. Idempotent. */
  close(): Promise<void>;
}

/** Makes a {@link NodeServing}. @throws ConfigError CONFIG_INVALID */
export function createNodeServing(options: HandlerOptions): NodeServing {
  const handler = createHandler(options);
  const leaving = new Set<ServerResponse>();
  const watch = (res: ServerResponse): void => {
    // Small replies are with the system at once.
    if (res.writableFinished || isClosed(res)) return;
    leaving.add(res);
    res.once("close", () => leaving.delete(res));
  };
  return {
    handler,
    watch,
    serve(req, res) {
      void handler.handle(new NodeRequest(req, res)).then((reply) => {
        sendReply(res, reply);
        watch(res);
      });
    },
    async close() {
      await handler.close();
      // The handler is done before its last replies are written.
      await new Promise((resolve) => setImmediate(resolve));
      await Promise.all([...leaving].map((res) => new Promise<void>((resolve) => res.once("close", resolve))));
    },
  };
}

/** `close`, also on signals where that is asked for. Its first call takes it off the signals. */
export function withSignals(close: () => Promise<void>, { handleSignals = false }: NodeOptions): () => Promise<void> {
  if (!handleSignals) return close;
  const letGo = closeOnSignals(close);
  return () => {
    letGo();
    return close();
  };
}
