import { ModelError } from "@predikt/core";
import { Passing } from "./failures.ts";
import type { FetchRequest, Validator } from "./types.ts";

/** What a reply's headers say, as far as they may be believed. */
export interface Reply {
  readonly validator: Validator;
  /** A strong ETag with which the rest of these bytes may be asked for. */
  readonly etag: string | undefined;
  /** Bytes of the body, where no encoding was undone on the way that we know of. */
  readonly length: number | undefined;
  /** Bytes of the decoded file as the caller knows them, where `length` is missing or may be that of the encoded ones. */
  readonly size: number | undefined;
}

/** Reads a reply. Another origin hides `content-encoding` and `content-range` unless it exposes them. */
export function readReply({ headers, type }: Response, { size, sha256 }: FetchRequest): Reply {
  const etag = headers.get("etag") ?? undefined;
  const encoded = headers.has("content-encoding");
  const hidden = type === "cors";
  const length = encoded ? undefined : numberOf(headers.get("content-length"));
  // A range counts encoded bytes. Where an encoding may be hidden, only a digest shows whether the parts fit together.
  const resumable = etag?.startsWith('"') === true && !encoded && (!hidden || sha256 !== undefined);
  return {
    validator: { etag, lastModified: headers.get("last-modified") ?? undefined },
    etag: resumable ? etag : undefined,
    length,
    size: hidden || length === undefined ? size : undefined,
  };
}

/** Whether a reply is the rest that was asked for: from that byte, of that version. */
export function isRest({ status, headers, type }: Response, from: number, etag: string | undefined): boolean {
  if (status !== 206 || headers.get("etag") !== etag) return false;
  const range = headers.get("content-range");
  return range === null ? type === "cors" : range.startsWith(`bytes ${from}-`);
}

/** Whether two replies are of the same version. A weak ETag says enough: what it calls equal does the same. */
export function isSame(known: Validator, { etag, lastModified }: Validator): boolean {
  const opaque = (tag: string): string => tag.replace(/^W\//, "");
  if (known.etag !== undefined && etag !== undefined) return opaque(known.etag) === opaque(etag);
  return known.etag === undefined && known.lastModified !== undefined && known.lastModified === lastModified;
}

/** Whether a body ended before its time. Of one whose encoding may be hidden the length is that of the encoded bytes, at most a little more. */
export function isShort(loaded: number, total: number | undefined, type: ResponseType): boolean {
  const doubt = type === "cors" ? 64 + loaded / 1000 : 0;
  return total !== undefined && loaded + doubt < total;
}

/** The error of a status that brings no model. */
export function refusalOf({ status, headers }: Response, url: string): Error {
  const details = { url, status };
  if (status === 404 || status === 410)
    return new ModelError("MODEL_NOT_FOUND", `there is no model at ${url}: status ${status}`, { details });
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return new Passing(`status ${status}`, { retryAfterMs: Math.min(30_000, 1000 * (numberOf(headers.get("retry-after")) ?? 0)) });
  }
  return new ModelError("MODEL_FETCH", `the model could not be downloaded from ${url}: status ${status}`, { details });
}

function numberOf(header: string | null): number | undefined {
  return header !== null && /^\d+$/.test(header) ? Number(header) : undefined;
}
