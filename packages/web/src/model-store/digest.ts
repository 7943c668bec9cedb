import { sha256 } from "@noble/hashes/sha2.js";
import type { StorePlatform } from "./platform.ts";

/** The SHA-256 of bytes, in lower-case hex. The browser's own where it has one: an insecure origin has none. */
export async function digestOf(bytes: Uint8Array<ArrayBuffer>, { subtle }: Pick<StorePlatform, "subtle">): Promise<string> {
  const hash = subtle === undefined ? sha256(bytes) : new Uint8Array(await subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
