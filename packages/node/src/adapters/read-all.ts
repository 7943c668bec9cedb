import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { bodyIncomplete, bodyTooLarge } from "@predikt/core/serving";

/** Past its limit, this many times the limit is read and thrown away before the connection is cut, so that an honest client gets its 413. */
const patience = 4;

/**
 * Reads a body and makes of it what `finish` does. Past the limit it rejects at once and discards the rest, so that the connection stays usable.
 *
 * @throws InputError INPUT_TOO_LARGE past `limit` bytes, BODY_INVALID where the body ends early.
 */
export function readAll<T>(source: Readable, req: IncomingMessage, limit: number, finish: (bytes: Buffer) => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let refused = Number(req.headers["content-length"] ?? 0) > limit;
    if (refused) reject(bodyTooLarge(limit));
    source.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit && !refused) {
        chunks.push(chunk);
        return;
      }
      if (!refused) {
        refused = true;
        chunks.length = 0;
        reject(bodyTooLarge(limit));
      }
      if (size > limit * patience) req.destroy();
    });
    let ended = false;
    source.on("end", () => {
      ended = true;
      try {
        resolve(finish(chunks.length === 1 ? (chunks[0] as Buffer) : own(chunks, size)));
      } catch (error) {
        reject(error);
      }
    });
    source.on("error", (cause) => reject(bodyIncomplete(cause)));
    // It comes after every end too, and an error that nobody sees would cost as much as the rest of the reading.
    source.on("close", () => {
      if (!ended) reject(bodyIncomplete(undefined));
    });
  });
}

/** Joins chunks in a buffer of its own, which may be handed to another thread: `Buffer.concat` would take small ones from a shared pool. */
function own(chunks: readonly Buffer[], size: number): Buffer {
  const whole = Buffer.from(new ArrayBuffer(size));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
