import type { Server } from "node:http";
import type { Server as SecureServer } from "node:https";
import { Server as NetServer } from "node:net";

/** How often connections that have become idle are closed, in milliseconds. */
const sweepMs = 50;

/** Options of {@link drainServer}. */
export interface DrainServerOptions {
  /**
   * How long idle connections are kept, in milliseconds: a request that a client sends on one is answered, and closes it. Where one is closed at once, a
   * request may be on its way, and is lost. Minimum 0, default 1000.
   */
  readonly lingerMs?: number | undefined;
  /** Milliseconds after which connections that still wait for an answer are cut. Default: never. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Closes a server of `node:http` or `node:https` without losing a request of a client that keeps connections open: no new connection is taken; requests are
 * answered as before, each with `connection: close`; idle connections are closed after a while. Resolves when none is left, at once where none is open. Call
 * it before a handler's own `close()`, which refuses requests.
 */
export async function drainServer(server: Server | SecureServer, { lingerMs = 1000, timeoutMs }: DrainServerOptions = {}): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.once("close", resolve));
  server.prependListener("request", (_request, response) => {
    response.shouldKeepAlive = false;
  });
  // Not the server's own `close`, which also closes idle connections at once.
  NetServer.prototype.close.call(server);
  const idle = setTimeout(() => {
    server.closeIdleConnections();
    // Those that were answered since without having been told to close.
    sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
  }, lingerMs);
  let sweep: NodeJS.Timeout | undefined;
  const cut = timeoutMs === undefined ? undefined : setTimeout(() => server.closeAllConnections(), timeoutMs);
  await closed;
  for (const timer of [idle, sweep, cut]) clearTimeout(timer);
}
