import type { IncomingMessage, ServerResponse } from "node:http";
import { checkTimeout, createHandler, drainingError, type Handler, type HandlerOptions, type NeutralReply } from "@predikt/core/serving";
import { closeOnSignals } from "./close-on-signals.ts";
import { NodeRequest, sendReply } from "./node-request.ts";

/** What the adapters of Node's own servers can do beside the handler. */
export interface NodeOptions {
  /**
   * Drain on SIGTERM and SIGINT, and let the signal end the process afterwards; a second one, half a second later or more, ends it at once.
   * Default: false, and then the process's signals are not touched.
   */
  readonly handleSignals?: boolean | undefined;
  /**
   * How long closing waits, in milliseconds from its start, for predictions under way and for clients to read their replies. Connections that still have
   * one are then cut. At least 1. Default: 10,000.
   */
  readonly drainTimeoutMs?: number | undefined;
}

/** A handler with Node's requests and responses around it. */
export interface NodeServing {
  readonly handler: Handler;
  serve(req: IncomingMessage, res: ServerResponse): void;
  /** Has a request answered and its reply sent by `send`, which gets `to`. Never rejects. */
  answer<T>(request: NodeRequest, send: (to: T, reply: NeutralReply) => void, to: T): Promise<void>;
  /**
   * Refuses new predictions, and those whose body has not come whole; waits for the rest, until their last reply has left the process: Node's own
   * close cuts replies that wait for a slow reader. Idempotent.
   */
  close(): Promise<void>;
}

/** Makes a {@link NodeServing}. @throws ConfigError CONFIG_INVALID */
export function createNodeServing(options: HandlerOptions & NodeOptions): NodeServing {
  const { drainTimeoutMs = 10_000 } = options;
  checkTimeout("drainTimeoutMs", drainTimeoutMs);
  const handler = createHandler(options);
  const active = new Set<NodeRequest>();
  const leaving = new Map<NodeRequest, Promise<void>>();
  let closing: Promise<void> | undefined;

  async function answer<T>(request: NodeRequest, send: (to: T, reply: NeutralReply) => void, to: T): Promise<void> {
    active.add(request);
    try {
      send(to, await handler.handle(request));
    } catch {
      // A header that Node refuses, say. A rejection here would end the process.
      request.drop();
    }
    active.delete(request);
    const sent = request.sent();
    if (sent === undefined) return;
    leaving.set(request, sent);
    void sent.then(() => leaving.delete(request));
  }

  async function drain(): Promise<void> {
    const idle = handler.close();
    for (const request of active) request.refuse(drainingError());
    await idle;
    // The handler is done before its last replies are written.
    await new Promise((resolve) => setImmediate(resolve));
    while (leaving.size > 0) await Promise.all(leaving.values());
  }

  async function close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        for (const request of [...active, ...leaving.keys()]) request.drop();
        resolve();
      }, drainTimeoutMs);
    });
    await Promise.race([drain(), timeout]);
    clearTimeout(timer);
  }

  return {
    handler,
    answer,
    serve(req, res) {
      const request = new NodeRequest(req, res);
      void answer(request, sendReply, request);
    },
    close() {
      closing ??= close();
      return closing;
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
