import { join } from "./inflate.ts";

/**
 * Reads a stream of bytes to its end.
 *
 * @param limit Bytes it may have.
 * @param tooLarge Makes the error for one that has more; the stream is then cancelled.
 */
export async function readStream(stream: ReadableStream<Uint8Array> | null, limit: number, tooLarge: () => Error): Promise<Uint8Array> {
  if (stream === null) return new Uint8Array(0);
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > limit) {
      reader.cancel().catch(() => {});
      throw tooLarge();
    }
    chunks.push(value);
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : join(chunks, size);
}
