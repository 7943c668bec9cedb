import { Agent, type ClientRequest, request } from "node:http";

/** A request of a test. */
export interface Ask {
  /** Default: POST with a body, else GET. */
  readonly method?: string | undefined;
  /** Below the server's origin. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Anything but text and bytes is sent as JSON, with its content type. */
  readonly body?: unknown;
  /** Sends the body without a content-length. */
  readonly chunked?: boolean | undefined;
}

/** What came back. */
export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Whether the request went over a socket that an earlier one had used. */
  readonly reused: boolean;
}

/** One socket, kept alive: every request follows the one before it. */
export function oneSocket(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 });
}

/** Makes one request and reads its whole reply. */
export function send(origin: string, ask: Ask, agent: Agent): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = start(origin, ask, agent);
    sent.on("error", reject);
    sent.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers as Record<string, string>,
          body: Buffer.concat(chunks),
          reused: sent.reusedSocket,
        }),
      );
    });
  });
}

/** Starts a request; the caller may destroy it. */
export function start(origin: string, ask: Ask, agent: Agent): ClientRequest {
  const { path, body, chunked = false } = ask;
  const raw = body === undefined || typeof body === "string" || body instanceof Uint8Array;
  const payload = raw ? body : JSON.stringify(body);
  const headers: Record<string, string> = { ...(raw ? {} : { "content-type": "application/json" }), ...ask.headers };
  if (payload !== undefined && !chunked) headers["content-length"] = String(Buffer.byteLength(payload));
  const sent = request(`${origin}${path}`, { method: ask.method ?? (payload === undefined ? "GET" : "POST"), headers, agent });
  if (payload === undefined) sent.end();
  else if (!chunked) sent.end(payload);
  else {
    const half = Math.floor(payload.length / 2);
    sent.write(payload.slice(0, half));
    sent.end(payload.slice(half));
  }
  return sent;
}

/** The reply as JSON. */
export function json(got: Got): unknown {
  return JSON.parse(got.body.toString());
}
