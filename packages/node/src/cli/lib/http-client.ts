import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { Failure } from "./failure.ts";

/** A reply, whole. */
export interface Reply {
  readonly status: number;
  /** By their lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What is sent. */
export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Milliseconds without a byte after which it fails. Default: 60,000. */
  readonly timeoutMs?: number;
}

/** Sends requests over connections that stay open: a fifth of what `fetch` costs. */
export interface HttpClient {
  /** @throws Failure where no whole reply comes */
  send(url: string, sent?: Sent): Promise<Reply>;
  close(): void;
}

/** Makes a client. @param headers Go with every request. */
export function createHttpClient(headers: Readonly<Record<string, string>> = {}): HttpClient {
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  return {
    send(url, { method = "GET", headers: own = {}, body, timeoutMs = 60_000 } = {}) {
      const secure = url.startsWith("https:");
      const length = body === undefined ? {} : { "content-length": String(body.byteLength) };
      const options = {
        method,
        headers: { ...headers, ...own, ...length },
        agent: secure ? agents.https : agents.http,
        timeout: timeoutMs,
      };
      return new Promise((resolve, reject) => {
        const fail = (error: Error & { code?: string }): void =>
          reject(
            Object.assign(new Failure(`${new URL(url).origin}: ${error.message || error.code}`, { cause: error }), { code: error.code }),
          );
        const onReply = (reply: IncomingMessage): void => {
          const chunks: Buffer[] = [];
          reply.on("data", (chunk: Buffer) => chunks.push(chunk));
          reply.on("error", fail);
          reply.on("end", () =>
            resolve({ status: reply.statusCode ?? 0, headers: reply.headers as Record<string, string>, body: Buffer.concat(chunks) }),
          );
        };
        const request = secure ? httpsRequest(url, options, onReply) : httpRequest(url, options, onReply);
        request.on("error", fail);
        request.on("timeout", () => request.destroy(Object.assign(new Error("no answer in time"), { code: "TIMEOUT" })));
        request.end(body);
      });
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** A reply's JSON; undefined where it is none. */
export function jsonOf({ body }: Reply): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
