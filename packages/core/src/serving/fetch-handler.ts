import { isPrediktError } from "../errors/index.ts";
import type { AbortLike } from "../types/index.ts";
import { createHandler, type Handler } from "./handler.ts";
import type { NeutralReply, NeutralRequest } from "./neutral.ts";
import type { HandlerOptions } from "./options.ts";
import { bodyIncomplete, bodyTooLarge, decodeText, readStream } from "./wire/index.ts";

/** Past its limit, this many times the limit is read and thrown away, so that an honest client gets its 413: cancelling may cut the connection. */
const patience = 4;

/** Answers Fetch API requests. `close()` drains. */
export interface FetchHandler {
  (request: Request): Promise<Response>;
  close(): Promise<void>;
}

/**
 * Makes a `(Request) => Promise<Response>` for Hono, Next.js, Bun, Deno, workers and anything else that speaks Fetch.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function toFetchHandler(handlerOrOptions: Handler | HandlerOptions): FetchHandler {
  const handler = "handle" in handlerOrOptions ? handlerOrOptions : createHandler(handlerOrOptions);
  const answer = async (request: Request): Promise<Response> => toResponse(await handler.handle(new FetchRequest(request)), request.method);
  return Object.assign(answer, { close: () => handler.close() });
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

  async bytes(limit: number): Promise<Uint8Array> {
    const refuse = Number(this.header("content-length") ?? 0) > limit;
    try {
      return await readStream(this.#request.body, refuse ? -1 : limit, () => bodyTooLarge(limit), patience * limit);
    } catch (cause) {
      throw isPrediktError(cause) ? cause : bodyIncomplete(cause);
    }
  }
}
