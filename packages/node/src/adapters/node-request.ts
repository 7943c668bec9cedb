import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
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
  #gone = false;
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
    return this.#gone || (isClosed(this.#res) && !this.#res.writableEnded);
  }

  get reason(): unknown {
    this.#reason ??= new DOMException("the client went away", "AbortError");
    return this.#reason;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners ??= [];
    this.#listeners.push(listener);
    whenGone(this.#req, this.#res, this);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const at = this.#listeners?.indexOf(listener) ?? -1;
    if (at >= 0) this.#listeners?.splice(at, 1);
    if (this.#listeners?.length === 0) forget(this.#req, this);
  }

  /** The connection is closed. */
  lost(): void {
    if (this.#res.writableEnded) return;
    this.#gone = true;
    for (const each of this.#listeners?.splice(0) ?? []) each();
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

const watchers: unique symbol = Symbol("predikt.watchers");

/** A connection, and the requests on it that want to know of its end. */
type Watched = Socket & { [watchers]?: Set<NodeRequest> | undefined };

/**
 * Tells a request when its client goes away. One listener for each connection: one for each response costs more than all else that the adapter does
 * with it. The streams of HTTP/2 end by themselves.
 */
function whenGone(req: NodeIncoming, res: ServerResponse & { readonly stream?: Readable }, request: NodeRequest): void {
  if (res.stream !== undefined) {
    res.once("close", () => request.lost());
    return;
  }
  const socket = req.socket as Watched;
  let set = socket[watchers];
  if (set === undefined) {
    set = new Set();
    socket[watchers] = set;
    socket.once("close", () => {
      for (const each of socket[watchers] ?? []) each.lost();
    });
  }
  set.add(request);
}

function forget(req: NodeIncoming, request: NodeRequest): void {
  (req.socket as Watched)[watchers]?.delete(request);
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
