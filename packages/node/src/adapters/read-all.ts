import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { bodyIncomplete, bodyTooLarge } from "@predikt/core/serving";

/** Past its limit, this many times the limit is read and thrown away before the connection is cut, so that an honest client gets its 413. */
const patience = 4;

/**
 * Reads a body and calls `done` with its pieces, or `fail` once or more: with INPUT_TOO_LARGE past `limit` bytes, at once, the rest being discarded so that the
 * connection stays usable, and with BODY_INVALID where the body ends early.
 */
export function readAll(
  source: Readable,
  req: IncomingMessage,
  limit: number,
  done: (pieces: readonly Buffer[]) => void,
  fail: (error: Error) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let refused = Number(req.headers["content-length"] ?? 0) > limit;
  if (refused) fail(bodyTooLarge(limit));
  source.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit && !refused) {
      chunks.push(chunk);
      return;
    }
    if (!refused) {
      refused = true;
      chunks.length = 0;
      fail(bodyTooLarge(limit));
    }
    if (size > limit * patience) req.destroy();
  });
  let ended = false;
  source.on("end", () => {
    ended = true;
    if (!refused) done(chunks);
  });
  source.on("error", (cause) => fail(bodyIncomplete(cause)));
  // It comes after every end too, and an error that nobody sees would cost as much as the rest of the reading.
  source.on("close", () => {
    if (!ended) fail(bodyIncomplete(undefined));
  });
}

/** Joins pieces in a buffer of its own, which may be handed to another thread: `Buffer.concat` would take small ones from a shared pool. */
export function joinPieces(pieces: readonly Buffer[]): Buffer {
  if (pieces.length === 1) return pieces[0] as Buffer;
  const whole = Buffer.from(new ArrayBuffer(pieces.reduce((sum, piece) => sum + piece.length, 0)));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
