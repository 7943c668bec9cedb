import { sha256 } from "@noble/hashes/sha2.js";
import { describe, isTensorLike } from "../tensor/index.ts";
import { isPlain } from "./is-plain.ts";

/** Digests what it is given; that of `createHash("sha256")` from `node:crypto` is one. */
export interface Hash {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

/** SHA-256 in JavaScript, which runs anywhere. */
export const portableHash = (): Hash => sha256.create();

/** Deeper nesting is not followed: it may have no end. */
export const deepest = 64;

const tags = [
  "undefined",
  "null",
  "false",
  "true",
  "number",
  "bigint",
  "text",
  "units",
  "list",
  "object",
  "view",
  "buffer",
  "date",
  "tensor",
] as const;
type Tag = (typeof tags)[number];
const tagOf = Object.fromEntries(tags.map((tag, index) => [tag, index])) as Record<Tag, number>;

const unequalled = new Error("this value cannot be compared by its content");

/**
 * A digest of values by their content, in hex: what differs in a kind, a bit, a dtype or a length has another one, so `1` and `"1"`, `0` and `-0`, a missing
 * field and an undefined one. Objects are the same whatever the order of their fields, as in JSON; typed arrays count by kind and bytes.
 *
 * @returns undefined where a value cannot be compared by its content: functions, instances of classes other than tensors, cycles.
 */
export function cacheKey(values: readonly unknown[], createHash: () => Hash): string | undefined {
  const writer = new Writer(createHash());
  try {
    write(writer, values, 0);
  } catch {
    // A getter of the application may have thrown as well.
    return undefined;
  }
  return writer.digest();
}

function write(to: Writer, value: unknown, depth: number): void {
  switch (typeof value) {
    case "number":
      to.tag("number");
      to.number(value);
      return;
    case "string":
      to.string(value);
      return;
    case "bigint":
      to.tag("bigint");
      to.string(value.toString(36));
      return;
    case "boolean":
      to.tag(value ? "true" : "false");
      return;
    case "undefined":
      to.tag("undefined");
      return;
    case "object":
      if (value === null) to.tag("null");
      else writeObject(to, value, depth + 1);
      return;
    default:
      throw unequalled;
  }
}

function writeObject(to: Writer, value: object, depth: number): void {
  if (depth > deepest) throw unequalled;
  if (Array.isArray(value)) {
    to.tag("list");
    to.number(value.length);
    for (let i = 0; i < value.length; i++) write(to, value[i], depth);
  } else if (ArrayBuffer.isView(value)) {
    to.tag("view");
    to.string(describe(value));
    to.number(value.byteLength);
    to.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  } else if (isPlain(value)) {
    const keys = Object.keys(value).sort();
    to.tag("object");
    to.number(keys.length);
    for (const key of keys) {
      to.string(key);
      write(to, (value as Record<string, unknown>)[key], depth);
    }
  } else if (value instanceof ArrayBuffer) {
    to.tag("buffer");
    to.number(value.byteLength);
    to.bytes(new Uint8Array(value));
  } else if (value instanceof Date) {
    to.tag("date");
    to.number(value.getTime());
  } else if (isTensorLike(value)) {
    to.tag("tensor");
    write(to, [value.type, value.dims, value.data], depth);
  } else throw unequalled;
}

/** Gathers small writes: a hash takes longer to call than to feed. */
class Writer {
  readonly #hash: Hash;
  readonly #buffer = new Uint8Array(1024);
  readonly #view = new DataView(this.#buffer.buffer);
  #at = 0;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  tag(tag: Tag): void {
    this.#room(1);
    this.#buffer[this.#at++] = tagOf[tag];
  }

  /** All NaNs are one. */
  number(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#at, Number.isNaN(value) ? Number.NaN : value);
    this.#at += 8;
  }

  /** UTF-8 has no halves of surrogate pairs: TextEncoder would make one character of all of them. */
  string(text: string): void {
    const whole = !/\p{Surrogate}/u.test(text);
    const bytes = whole
      ? encoder.encode(text)
      : new Uint8Array(Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)).buffer);
    this.tag(whole ? "text" : "units");
    this.number(bytes.length);
    this.bytes(bytes);
  }

  bytes(bytes: Uint8Array): void {
    if (bytes.length > this.#buffer.length - this.#at) this.#flush();
    if (bytes.length > this.#buffer.length) this.#hash.update(bytes);
    else {
      this.#buffer.set(bytes, this.#at);
      this.#at += bytes.length;
    }
  }

  digest(): string {
    this.#flush();
    return Array.from(this.#hash.digest(), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  #room(bytes: number): void {
    if (this.#at + bytes > this.#buffer.length) this.#flush();
  }

  #flush(): void {
    if (this.#at > 0) this.#hash.update(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
  }
}

const encoder: TextEncoder = /* @__PURE__ */ new TextEncoder();
