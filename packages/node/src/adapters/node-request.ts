import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import type { TLSSocket } from "node:tls";
import { bodyNotUtf8, type NeutralReply, type NeutralRequest } from "@predikt/core/serving";
import { joinPieces, readAll } from "./read-all.ts";
import { cut, type Exchange, forget, isClosed, type Watcher, watch } from "./watch.ts";

/** A Node request, as frameworks extend it. */
export type NodeIncoming = IncomingMessage & { body?: unknown; baseUrl?: string };

/**
 * A Node request in the handler's terms. It is its own abort signal, and listens for the client's going away only once somebody asks: an
 * AbortController for each request costs a fifth of a small one.
 */
export class NodeRequest implements NeutralRequest, Exchange, Watcher {
  readonly url: string;
  readonly base: string;
  readonly req: NodeIncoming;
  readonly res: Exchange["res"];
  readonly #source: Readable;
  #reject: ((error: Error) => void) | undefined;
  #listeners: (() => void)[] | undefined;
  #gone = false;
  #reason: unknown;

  /** @param source Where the body comes from, if not from the request itself. */
  constructor(req: NodeIncoming, res: ServerResponse, source: Readable = req) {
    this.req = req;
    this.res = res as Exchange["res"];
    this.#source = source;
    this.url = req.url ?? "/";
    this.base = req.baseUrl ?? "";
  }

  get method(): string {
    return this.req.method ?? "GET";
  }

  get signal(): this {
    return this;
  }

  /** A response also closes after it was sent; only one that was not yet ended has lost its client. */
  get aborted(): boolean {
    return this.#gone || (isClosed(this) && !this.res.writableEnded);
  }

  get reason(): unknown {
    this.#reason ??= new DOMException("the client went away", "AbortError");
    return this.#reason;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners ??= [];
    if (this.#listeners.push(listener) === 1) watch(this, this);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const at = this.#listeners?.indexOf(listener) ?? -1;
    if (at >= 0) this.#listeners?.splice(at, 1);
    if (this.#listeners?.length === 0) forget(this, this);
  }

  lost(): void {
    if (this.res.writableEnded) return;
    this.#gone = true;
    for (const each of this.#listeners?.splice(0) ?? []) each();
  }

  header(name: string): string | undefined {
    const value = this.req.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  address(): string | undefined {
    return this.req.socket.remoteAddress;
  }

  origin(): string {
    const scheme = (this.req.socket as TLSSocket).encrypted === true ? "https" : "http";
    return `${scheme}://${this.header("host") ?? this.header(":authority") ?? "localhost"}`;
  }

  parsed(): unknown {
    const { body, readableDidRead, readableEnded } = this.req;
    return this.#source === this.req && (readableDidRead || readableEnded) ? (body ?? "") : undefined;
  }

  text(limit: number): Promise<string> {
    return this.#read(limit, decode);
  }

  bytes(limit: number): Promise<Buffer> {
    return this.#read(limit, joinPieces);
  }

  pieces(limit: number): Promise<readonly Buffer[]> {
    return this.#read(limit, same);
  }

  /** Waits no longer for a body that has not come whole. Its rest would keep the connection from closing: it goes with the reply. */
  refuse(error: Error): void {
    if (this.#reject === undefined) return;
    this.res.shouldKeepAlive = false;
    this.#reject(error);
  }

  /** Resolves once the reply is all with the system, or its connection lost. Undefined where that is so: small replies are with the system at once. */
  sent(): Promise<void> | undefined {
    if (this.res.writableFinished || isClosed(this)) return undefined;
    return new Promise((resolve) => {
      const watcher: Watcher = {
        lost: () => {
          forget(this, watcher);
          resolve();
        },
      };
      this.res.once("close", watcher.lost);
      watch(this, watcher);
    });
  }

  /** Ends its connection. */
  drop(): void {
    cut(this);
  }

  #read<T>(limit: number, finish: (pieces: readonly Buffer[]) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      const done = (pieces: readonly Buffer[]): void => {
        this.#reject = undefined;
        try {
          resolve(finish(pieces));
        } catch (error) {
          reject(error);
        }
      };
      readAll(this.#source, this.req, limit, done, reject);
    });
  }
}

function decode(pieces: readonly Buffer[]): string {
  const bytes = joinPieces(pieces);
  if (!isUtf8(bytes)) throw bodyNotUtf8();
  return bytes.toString();
}

function same(pieces: readonly Buffer[]): readonly Buffer[] {
  return pieces;
}

/** Sends a reply, unless the client has gone. */
export function sendReply(exchange: Exchange, { status, headers, body }: NeutralReply): void {
  const { res } = exchange;
  if (isClosed(exchange) || res.headersSent) return;
  if (status !== 204) headers["content-length"] = String(Buffer.byteLength(body));
  res.writeHead(status, headers);
  res.end(body);
}
