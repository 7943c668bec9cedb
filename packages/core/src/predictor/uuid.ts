/** A random UUID, version 4 (RFC 9562, section 5.4); also where `crypto.randomUUID` is missing, as on plain-HTTP pages. */
export function uuid(): string {
  const source: { randomUUID?: () => string; getRandomValues(array: Uint8Array): Uint8Array } = globalThis.crypto as never;
  if (source.randomUUID !== undefined) return source.randomUUID();
  const bytes = source.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return Array.from(bytes, (byte, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + byte.toString(16).padStart(2, "0")).join("");
}
