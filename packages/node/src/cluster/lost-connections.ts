import type { ChildProcess } from "node:child_process";

interface Closable {
  close(): void;
}

/** A message of `node:cluster` by which it hands a connection to a child, or a child's answer to one. */
interface ClusterMessage {
  readonly cmd?: unknown;
  readonly act?: unknown;
  readonly seq?: number;
  readonly ack?: number;
}

/**
 * Closes the connections that were on their way to a child when it died. `node:cluster` forgets them and keeps them open, so that their clients wait for
 * ever (up to Node 24 at least: `RoundRobinHandle.handoff` waits for an answer that does not come). In a Node that sends other messages this does nothing.
 */
export function closeLostConnections(child: ChildProcess): void {
  const sent = new Map<number, Closable>();
  let gone = false;
  const send = child.send.bind(child) as (...all: unknown[]) => boolean;
  child.send = (message: ClusterMessage, handle?: unknown, ...rest: unknown[]) => {
    if (message.cmd === "NODE_CLUSTER" && message.act === "newconn" && message.seq !== undefined && isClosable(handle)) {
      if (gone) handle.close();
      else sent.set(message.seq, handle);
    }
    return send(message, gone ? undefined : handle, ...rest);
  };
  child.on("internalMessage", ({ ack }: ClusterMessage) => {
    if (ack !== undefined) sent.delete(ack);
  });
  const end = (): void => {
    gone = true;
    for (const connection of sent.values()) connection.close();
    sent.clear();
  };
  // Either may come alone: a channel with a connection under way does not tell that it has closed.
  child.once("disconnect", end);
  child.once("exit", end);
}

function isClosable(handle: unknown): handle is Closable {
  return typeof (handle as Closable | undefined)?.close === "function";
}
