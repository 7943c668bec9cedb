import { join } from "./inflate.ts";

/**
 * Reads a stream of bytes to its end.
 *
 * @param limit Bytes it may have; below 0 it is refused unread.
 * @param tooLarge Makes the error for one that has more.
 * @param discard Bytes of such a one that are still read, in the background, before it is cancelled. Default: none.
 */
export async function readStream(
  stream: ReadableStream<Uint8Array> | null,
  limit: number,
  tooLarge: () => Error,
  discard = 0,
): Promise<Uint8Array> {
  if (stream === null) {
    if (limit < 0) throw tooLarge();
    return new Uint8Array(0);
  }
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (limit >= 0) {
    const { done, value } = await reader.read();
    if (done) return chunks.length === 1 ? (chunks[0] as Uint8Array) : join(chunks, size);
    size += value.byteLength;
    if (size > limit) break;
    chunks.push(value);
  }
  void drop(reader, discard - size);
  throw tooLarge();
}

/** Never rejects: a stream that breaks has ended, too. */
async function drop(reader: ReadableStreamDefaultReader<Uint8Array>, most: number): Promise<void> {
  try {
    for (let left = most; left > 0; ) {
      const { done, value } = await reader.read();
      if (done) return;
      left -= value.byteLength;
    }
    await reader.cancel();
  } catch {
    // As above.
  }
}
