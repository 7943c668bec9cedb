import { mismatch } from "../../../errors/mismatch.ts";

/** Bytes of the length before each element. */
const prefix = 4;

/** Elements of BYTES in their binary form: for each one its length in UTF-8 as a little-endian uint32, then its bytes. */
export function packStrings(elements: readonly string[]): Uint8Array {
  const encoder = new TextEncoder();
  const encoded = elements.map((text) => encoder.encode(text));
  const size = encoded.reduce((sum, bytes) => sum + prefix + bytes.byteLength, 0);
  const packed = new Uint8Array(size);
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const bytes of encoded) {
    view.setUint32(at, bytes.byteLength, true);
    packed.set(bytes, at + prefix);
    at += prefix + bytes.byteLength;
  }
  return packed;
}

/**
 * Reads elements of BYTES. Each is text: other bytes are refused, since no model that takes strings could be given them unchanged.
 *
 * @param count How many there are. Default: as many as the bytes hold.
 * @throws InputError INPUT_SHAPE where the bytes hold another number or end within an element, INPUT_VALUE for one that is not UTF-8.
 */
export function unpackStrings(bytes: Uint8Array, count: number | undefined, path: string): string[] {
  const elements: string[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let at = 0;
  while (at < bytes.byteLength) {
    const start = at + prefix;
    const end = start > bytes.byteLength ? Infinity : start + view.getUint32(at, true);
    if (end > bytes.byteLength)
      throw mismatch("INPUT_SHAPE", path, "a length and as many bytes for each element", "bytes that end within one");
    try {
      elements.push(decoder.decode(bytes.subarray(start, end)));
    } catch {
      throw mismatch("INPUT_VALUE", `${path}[${elements.length}]`, "UTF-8", "other bytes");
    }
    at = end;
    if (count !== undefined && elements.length > count) break;
  }
  if (count !== undefined && elements.length !== count)
    throw mismatch("INPUT_SHAPE", path, `${count} elements`, elements.length > count ? "more" : `${elements.length}`);
  return elements;
}
