import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import type { TLSSocket } from "node:tls";
import { bodyNotUtf8, type NeutralReply, type NeutralRequest } from "@predikt/core/serving";
import { readAll } from "./read-all.ts";

/** A Node request, as frameworks extend it. */
export type NodeIncoming = IncomingMessage & { body?: unknown; baseUrl?: string };

/**
 * A Node request in the handler's terms. It is its own abort signal, and listens for the client's going away only once somebody asks: an
 * AbortController for each request costs a fifth of a small one.
 */
export class NodeRequest implements NeutralRequest {
  readonly url: string;
  readonly base: string;
  readonly #req: NodeIncoming;
  readonly #res: ServerResponse;
  readonly #source: Readable;
  #listeners: (() => void)[] | undefined;
  #reason: unknown;

  /** @param source Where the body comes from, if not from the request itself. */
  constructor(req: NodeIncoming, res: ServerResponse, source: Readable = req) {
    this.#req = req;
    this.#res = res;
    this.#source = source;
    this.url = req.url ?? "/";
    this.base = req.baseUrl ?? "";
  }

  get method(): string {
    return this.#req.method ?? "GET";
  }

  get signal(): this {
    return this;
  }

  /** A response also closes after it was sent; only one that was not yet ended has lost its client. */
  get aborted(): boolean {
    return isClosed(this.#res) && !this.#res.writableEnded;
  }

  get reason(): unknown {
    this.#reason ??= new DOMException("the client went away", "AbortError");
    return this.#reason;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    if (this.#listeners === undefined) {
      this.#listeners = [];
      this.#res.once("close", () => {
        if (this.aborted) for (const each of this.#listeners?.splice(0) ?? []) each();
      });
    }
    this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const at = this.#listeners?.indexOf(listener) ?? -1;
    if (at >= 0) this.#listeners?.splice(at, 1);
  }

  header(name: string): string | undefined {
    const value = this.#req.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  origin(): string {
    const scheme = (this.#req.socket as TLSSocket).encrypted === true ? "https" : "http";
    return `${scheme}://${this.header("host") ?? this.header(":authority") ?? "localhost"}`;
  }

  parsed(): unknown {
    const { body, readableDidRead, readableEnded } = this.#req;
    return this.#source === this.#req && (readableDidRead || readableEnded) ? (body ?? "") : undefined;
  }

  text(limit: number): Promise<string> {
    return readAll(this.#source, this.#req, limit, decode);
  }

  bytes(limit: number): Promise<Buffer> {
    return readAll(this.#source, this.#req, limit, same);
  }
}

function decode(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw bodyNotUtf8();
  return bytes.toString();
}

function same(bytes: Buffer): Buffer {
  return bytes;
}

/** Whether a response can send no more. Those of HTTP/2 do not tell it themselves; their stream does. */
export function isClosed(res: ServerResponse & { readonly stream?: Readable }): boolean {
  return res.destroyed || res.stream?.destroyed === true;
}

/** Sends a reply, unless the client has gone. */
export function sendReply(res: ServerResponse, { status, headers, body }: NeutralReply): void {
  if (isClosed(res) || res.headersSent) return;
  if (status !== 204) headers["content-length"] = String(Buffer.byteLength(body));
  res.writeHead(status, headers);
  res.end(body);
}
