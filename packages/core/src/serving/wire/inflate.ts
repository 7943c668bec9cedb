import { InputError } from "../../errors/index.ts";

/** The error of a body past its limit. */
export function bodyTooLarge(limit: number): InputError {
  return new InputError("INPUT_TOO_LARGE", `body: expected at most ${limit} bytes, got more`, {
    details: { limit, issues: [{ path: "body", expected: `at most ${limit} bytes`, received: "more" }] },
  });
}

/** The error of a body that ended before its end. */
export function bodyIncomplete(cause: unknown): InputError {
  return new InputError("BODY_INVALID", "body: expected all of it, got a part", { cause });
}

/** The error of a text body in another encoding. */
export function bodyNotUtf8(): InputError {
  return new InputError("BODY_INVALID", "body: expected UTF-8, got other bytes");
}

/** UTF-8 bytes as text, without a byte-order mark. @throws InputError BODY_INVALID */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw bodyNotUtf8();
  }
}

/** Small slices keep the growth of one step bounded: an engine may inflate a whole slice (at most ×1032) before anything can look at it. */
const slice = 16 * 1024;

/**
 * Undoes gzip or deflate, up to a limit of inflated bytes.
 *
 * @throws InputError INPUT_TOO_LARGE past the limit, BODY_INVALID where the data is broken or cut off.
 */
export async function inflate(bytes: Uint8Array, encoding: "gzip" | "deflate", limit: number): Promise<Uint8Array> {
  const stream = new DecompressionStream(encoding === "deflate" && !isZlib(bytes) ? "deflate-raw" : encoding);
  const reader = stream.readable.getReader();
  const writer = stream.writable.getWriter();
  const writing = write(writer, bytes);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.byteLength;
      if (size > limit) throw bodyTooLarge(limit);
      chunks.push(value);
    }
    await writing;
  } catch (cause) {
    const failed =
      cause instanceof InputError
        ? cause
        : new InputError("BODY_INVALID", `body: expected ${encoding} data, got something broken or cut off`, { cause });
    await Promise.allSettled([reader.cancel(failed), writer.abort(failed), writing]);
    throw failed;
  }
  return join(chunks, size);
}

/** Some clients send deflate without the zlib header that HTTP wants (RFC 9110, section 8.4.1.2); its two bytes tell (RFC 1950, section 2.2). */
function isZlib([method = 0, flags = 0]: Uint8Array): boolean {
  return (method & 0x0f) === 8 && (method * 256 + flags) % 31 === 0;
}

async function write(writer: WritableStreamDefaultWriter<BufferSource>, bytes: Uint8Array): Promise<void> {
  // The reader sees the same failure; this promise must only not stay unhandled meanwhile.
  writer.closed.catch(() => {});
  try {
    for (let at = 0; at < bytes.byteLength; at += slice) {
      await writer.ready;
      await writer.write(bytes.subarray(at, at + slice) as Uint8Array<ArrayBuffer>);
    }
    await writer.close();
  } catch {
    // As above.
  }
}

/** Joins chunks into one array that owns its buffer. */
export function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
