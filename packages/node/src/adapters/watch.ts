import type { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Somebody who wants to know of a connection's end. */
export interface Watcher {
  lost(): void;
}

/** A request and its response; those of HTTP/2 have a stream of their own. */
export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse & { readonly stream?: Duplex };
}

const watchers: unique symbol = Symbol("predikt.watchers");

/** What carries requests: a connection of HTTP/1, which may carry several at once, or a stream of HTTP/2. */
type Carrier = EventEmitter & { [watchers]?: Set<Watcher> | undefined };

/**
 * Tells a watcher when its client goes away. One listener for each connection: one for each response costs more than all else that an adapter does with
 * it, and a response that waits behind another on its connection never hears of the end.
 */
export function watch({ req, res }: Exchange, watcher: Watcher): void {
  const carrier: Carrier = res.stream ?? req.socket;
  let set = carrier[watchers];
  if (set === undefined) {
    set = new Set();
    carrier[watchers] = set;
    carrier.once("close", () => {
      for (const each of carrier[watchers] ?? []) each.lost();
    });
  }
  set.add(watcher);
}

/** Undoes {@link watch}. */
export function forget({ req, res }: Exchange, watcher: Watcher): void {
  const carrier: Carrier = res.stream ?? req.socket;
  carrier[watchers]?.delete(watcher);
}

/** Whether a response can send no more: one that waits behind another on its connection is not told. */
export function isClosed({ req, res }: Exchange): boolean {
  return res.destroyed || (res.stream ?? req.socket).destroyed === true;
}

/** Ends the connection, or the stream of HTTP/2, at once. */
export function cut({ req, res }: Exchange): void {
  (res.stream ?? req.socket).destroy();
}
