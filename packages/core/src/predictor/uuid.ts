/** A random UUID, version 4; where `crypto.randomUUID` is missing, as on plain-HTTP pages, four random numbers. */
export function uuid(): string {
  const source: { randomUUID?: () => string; getRandomValues(array: Uint32Array): Uint32Array } = globalThis.crypto as never;
  return source.randomUUID?.() ?? source.getRandomValues(new Uint32Array(4)).join("-");
}
