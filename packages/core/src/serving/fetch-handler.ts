import { isPrediktError } from "../errors/index.ts";
import type { AbortLike } from "../types/index.ts";
import { drainingError } from "./draining.ts";
import { createHandler, type Handler } from "./handler.ts";
import type { NeutralReply, NeutralRequest } from "./neutral.ts";
import type { HandlerOptions } from "./options.ts";
import { bodyIncomplete, bodyTooLarge, decodeText, readStream } from "./wire/index.ts";

/** Past its limit, this many times the limit is read and thrown away, so that an honest client gets its 413: cancelling may cut the connection. */
const patience = 4;

/** Answers Fetch API requests. */
export interface FetchHandler {
  (request: Request): Promise<Response>;
  /**
   * Answers new predictions, and those whose body has not come whole, with 503 DRAINING, and resolves once those under way are answered. Idempotent. It
   * waits as long as they take (`limits.timeoutMs` bounds that), and not for replies to be sent: connections are the runtime's to end.
   */
  close(): Promise<void>;
}

/**
 * Makes a `(Request) => Promise<Response>` for Hono, Next.js, Bun, Deno, workers and anything else that speaks Fetch.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function toFetchHandler(handlerOrOptions: Handler | HandlerOptions): FetchHandler {
  const handler = "handle" in handlerOrOptions ? handlerOrOptions : createHandler(handlerOrOptions);
  const active = new Set<FetchRequest>();
  const answer = async (request: Request): Promise<Response> => {
    const own = new FetchRequest(request);
    active.add(own);
    const reply = await handler.handle(own);
    active.delete(own);
    return toResponse(reply, request.method);
  };
  const close = (): Promise<void> => {
    const idle = handler.close();
    for (const request of active) request.refuse(drainingError());
    return idle;
  };
  return Object.assign(answer, { close });
}

function toResponse({ status, headers, body }: NeutralReply, method: string): Response {
  const none = method === "HEAD" || status === 204;
  return new Response(none ? null : (body as string | Uint8Array<ArrayBuffer>), { status, headers });
}

class FetchRequest implements NeutralRequest {
  readonly method: string;
  readonly url: string;
  readonly base: string = "";
  readonly #request: Request;
  #reject: ((error: Error) => void) | undefined;

  constructor(request: Request) {
    this.#request = request;
    this.method = request.method;
    const { url } = request;
    const path = url.indexOf("/", url.indexOf("://") + 3);
    this.url = path < 0 ? "/" : url.slice(path);
  }

  get signal(): AbortLike {
    return this.#request.signal;
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined;
  }

  origin(): string {
    return new URL(this.#request.url).origin;
  }

  parsed(): unknown {
    return undefined;
  }

  async text(limit: number): Promise<string> {
    return decodeText(await this.bytes(limit));
  }

  bytes(limit: number): Promise<Uint8Array> {
    const tooLong = Number(this.header("content-length") ?? 0) > limit;
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      readStream(this.#request.body, tooLong ? -1 : limit, () => bodyTooLarge(limit), patience * limit).then(resolve, (cause: unknown) =>
        reject(isPrediktError(cause) ? cause : bodyIncomplete(cause)),
      );
    });
  }

  /** Waits no longer for a body that has not come whole. */
  refuse(error: Error): void {
    this.#reject?.(error);
  }
}
