import { open, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ConfigError, InputError } from "@predikt/core";

/**
 * The bytes of an image that lies in memory or in a file.
 *
 * @throws InputError INPUT_TOO_LARGE past the limit, INPUT_VALUE for a file that cannot be read; ConfigError CONFIG_INVALID
 */
export async function readBytes(source: string | URL | Uint8Array, maxBytes: number): Promise<Uint8Array> {
  if (source instanceof Uint8Array) {
    limit(source.byteLength, maxBytes);
    return source;
  }
  const path = pathOf(source);
  try {
    // Asked before it is opened: a pipe or a device would keep the open waiting.
    if (!(await stat(path)).isFile()) throw unreadable("something that is no file");
    const file = await open(path);
    try {
      const { size } = await file.stat();
      limit(size, maxBytes);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as { readonly code?: string };
    throw error instanceof InputError ? error : unreadable(code ?? "another error", error);
  }
}

function pathOf(source: string | URL): string {
  const expected = "a path, a file URL or bytes";
  if (!(source instanceof URL)) {
    if (typeof source !== "string" || source === "")
      throw new ConfigError("source", expected, source === "" ? "an empty string" : typeof source);
    // "C:\image.png" is a path, though it looks like a URL with a scheme of one letter.
    if (!/^[a-z][a-z0-9+.-]+:/i.test(source) || !URL.canParse(source)) return source;
  }
  const url = new URL(source);
  // What is fetched from where is the application's decision: it fetches, and gives the bytes.
  if (url.protocol !== "file:") throw new ConfigError("source", expected, `a ${url.protocol} URL`);
  try {
    return fileURLToPath(url);
  } catch {
    throw new ConfigError("source", "a file URL of this machine", "another one");
  }
}

function limit(bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) {
    throw new InputError("INPUT_TOO_LARGE", `image: expected at most ${maxBytes} bytes, got ${bytes}`, { details: { limit: maxBytes } });
  }
}

function unreadable(received: string, cause?: unknown): InputError {
  const issue = { path: "image", expected: "a file that can be read", received };
  return new InputError("INPUT_VALUE", `image: expected ${issue.expected}, got ${received}`, { cause, details: { issues: [issue] } });
}
