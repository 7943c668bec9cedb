import type { AbortLike } from "../types/index.ts";

/**
 * A request as the handler sees it, whatever framework it came through. Everything that costs something is a method, called only where
 * the route needs it.
 */
export interface NeutralRequest {
  /** In capitals. */
  readonly method: string;
  /** Path and query below the place where the handler is mounted, e.g. `/predict/digits?x=1`. */
  readonly url: string;
  /** The part of the path that the framework's own mounting took away (Express: `req.baseUrl`). It appears in documents only. */
  readonly base: string;
  /** Aborted when the client goes away before its answer. */
  readonly signal: AbortLike;
  /** A request header by its lower-case name; several values joined by a comma. */
  header(name: string): string | undefined;
  /** The address that the connection comes from, where the adapter knows. */
  address?(): string | undefined;
  /** Scheme and host that the client used, for documents: `http://127.0.0.1:3000`. */
  origin(): string;
  /**
   * The body where something before us has read it: the parsed JSON value, its text, or its bytes, with any content encoding undone.
   * Undefined where nobody has.
   */
  parsed(): unknown;
  /**
   * Reads the body as UTF-8 text. Rejects with INPUT_TOO_LARGE past `limit` bytes, what the client still sends being discarded, and with
   * BODY_INVALID for other bytes.
   */
  text(limit: number): Promise<string>;
  /** Reads the body as bytes, under the first rule. */
  bytes(limit: number): Promise<Uint8Array>;
  /** The same in the pieces in which they came, where the adapter has them: who cuts tensors out of a large body then copies each once. */
  pieces?(limit: number): Promise<readonly Uint8Array[]>;
}

/** A reply. An adapter sends it as it is and adds `content-length`. */
export interface NeutralReply {
  /** 499 where the client has gone and nobody reads it. */
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array;
}
