import { mismatch } from "../../../errors/mismatch.ts";

/** Nested lists of text with each `{"b64": "…"}` in them as the text that its bytes are. @throws InputError INPUT_VALUE */
export function withoutBase64(value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((item, index) => withoutBase64(item, `${path}[${index}]`));
  if (typeof value !== "object" || value === null || Object.keys(value).length !== 1) return value;
  const { b64 } = value as { readonly b64?: unknown };
  if (b64 === undefined) return value;
  try {
    if (typeof b64 !== "string") throw new TypeError("base64 is text");
    const bytes = Uint8Array.from(atob(b64), (char) => char.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw mismatch("INPUT_VALUE", path, "base64 of UTF-8", "something else");
  }
}

/** Text as `{"b64": "…"}`. */
export function toBase64(text: string): { readonly b64: string } {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return { b64: btoa(binary) };
}
