import { InputError } from "../../../errors/index.ts";
import { mismatch } from "../../../errors/mismatch.ts";

/** The header, in lower case, that says how many bytes of a body are its JSON; binary tensors follow. */
export const headerLengthName = "inference-header-content-length";

/** A body and, where it has binary tensors, the bytes that its JSON takes. */
export interface Frame {
  readonly body: string | Uint8Array;
  /** For {@link headerLengthName}; undefined where the whole body is JSON. */
  readonly headerLength: number | undefined;
}

/**
 * Makes the body of a message. The JSON is padded with spaces to a multiple of 8 bytes, so that its reader may use the first tensor in place.
 *
 * @param parts Bytes of the binary tensors, in the order of the JSON. Each is copied once.
 */
export function toFrame(json: string, parts: readonly Uint8Array[]): Frame {
  const size = parts.reduce((sum, part) => sum + part.byteLength, 0);
  if (size === 0) return { body: json, headerLength: undefined };
  const head = new TextEncoder().encode(json);
  const headerLength = Math.ceil(head.byteLength / 8) * 8;
  const body = new Uint8Array(headerLength + size);
  body.set(head);
  body.fill(0x20, head.byteLength, headerLength);
  let at = headerLength;
  for (const part of parts) {
    body.set(part, at);
    at += part.byteLength;
  }
  return { body, headerLength };
}

/**
 * What {@link headerLengthName} says of a body.
 *
 * @param size Bytes of the body.
 * @throws InputError INPUT_VALUE where it is no whole number, or more than the body has.
 */
export function readHeaderLength(text: string, size: number): number {
  const length = /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : Number.NaN;
  if (length <= size) return length;
  const expected = `a whole number between 0 and the body's ${size} bytes`;
  throw mismatch("INPUT_VALUE", headerLengthName, expected, "something else", `header "${headerLengthName}"`);
}

/** A message's bytes, which are taken in order: its JSON, and then its binary tensors in the order of that. */
export class BinaryParts {
  readonly #pieces: readonly Uint8Array[];
  #piece = 0;
  /** In that piece. */
  #at = 0;
  #left: number;

  /** @param pieces The bytes as they came, in one piece or in several. */
  constructor(pieces: readonly Uint8Array[]) {
    this.#pieces = pieces;
    this.#left = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  }

  /** Bytes that were not taken yet. */
  get left(): number {
    return this.#left;
  }

  /** The next `size` bytes: in place where one piece has them all, else joined in a buffer of their own. @throws InputError INPUT_SHAPE where there are fewer */
  take(size: number, path: string): Uint8Array {
    if (size > this.#left) throw mismatch("INPUT_SHAPE", path, `${size} more bytes`, `${this.#left}`);
    this.#left -= size;
    let whole: Uint8Array | undefined;
    for (let at = 0; at < size; ) {
      const part = (this.#pieces[this.#piece] as Uint8Array).subarray(this.#at, this.#at + size - at);
      this.#at += part.length;
      if (part.length === size) return part;
      if (part.length === 0) {
        this.#piece++;
        this.#at = 0;
        continue;
      }
      whole ??= new Uint8Array(size);
      whole.set(part, at);
      at += part.length;
    }
    return whole ?? new Uint8Array();
  }

  /** @throws InputError BODY_INVALID where bytes are left */
  end(): void {
    if (this.#left > 0) throw new InputError("BODY_INVALID", `body: expected its end after the last tensor, got ${this.#left} bytes more`);
  }
}
