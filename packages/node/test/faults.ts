import { createServer, type IncomingHttpHeaders, request as send } from "node:http";

/** What goes through the proxy. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly request: { readonly headers: IncomingHttpHeaders; readonly body: Buffer };
  reply: { status: number; headers: Record<string, string>; body: Buffer };
}

/** Breaks one thing of a reply, in place; may wait. */
export type Fault = (exchange: Exchange) => void | Promise<void>;

/** A proxy. */
export interface Proxy {
  readonly url: string;
  close(): void;
}

/** A proxy in front of a server that breaks one thing. */
export async function faultyProxy(target: string, fault: Fault): Promise<Proxy> {
  const server = createServer(async (incoming, outgoing) => {
    const body = await read(incoming);
    const { method = "GET", url: path = "/", headers } = incoming;
    const exchange: Exchange = { method, path, request: { headers, body }, reply: await ask(target + path, method, headers, body) };
    await fault(exchange);
    const { reply } = exchange;
    outgoing.writeHead(reply.status, { ...reply.headers, "content-length": String(reply.body.byteLength) }).end(reply.body);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Changes the JSON of a successful inference in JSON. */
export function changeAnswer({ path, reply }: Exchange, change: (answer: Record<string, never>) => object): void {
  if (!path.endsWith("/infer") || reply.status !== 200 || reply.headers["inference-header-content-length"] !== undefined) return;
  reply.body = Buffer.from(JSON.stringify(change(JSON.parse(reply.body.toString()))));
}

function ask(url: string, method: string, headers: IncomingHttpHeaders, body: Buffer): Promise<Exchange["reply"]> {
  return new Promise((resolve, reject) => {
    send(url, { method, headers: { ...headers, host: new URL(url).host } }, async (reply) => {
      const { "content-length": _, "transfer-encoding": __, ...rest } = reply.headers;
      resolve({ status: reply.statusCode ?? 0, headers: rest as Record<string, string>, body: await read(reply) });
    })
      .on("error", reject)
      .end(body);
  });
}

async function read(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
