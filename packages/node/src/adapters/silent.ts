import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";

/**
 * Watches a server for connections that never say anything, as browsers open them in advance. Node's own close waits a minute for one: it counts only
 * those that have sent a request before as idle.
 *
 * @returns the function that ends the ones that are still silent.
 */
export function watchSilent(server: EventEmitter): () => void {
  const open = new Set<Socket>();
  const watch = (socket: Socket): void => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  };
  // Below TLS is a connection of its own, on which the handshake speaks.
  server.on("connection", watch).on("secureConnection", watch);
  return () => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
  };
}
