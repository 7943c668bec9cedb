/** A random UUID, version 4; where `crypto.randomUUID` is missing, as on plain-HTTP pages, 32 random hexadecimal digits. */
export function uuid(): string {
  const source: { randomUUID?: () => string; getRandomValues(array: Uint8Array): Uint8Array } = globalThis.crypto as never;
  const digits = (byte: number): string => byte.toString(16).padStart(2, "0");
  return source.randomUUID?.() ?? Array.from(source.getRandomValues(new Uint8Array(16)), digits).join("");
}
