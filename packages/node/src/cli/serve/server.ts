import { createServer as createHttpServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createRequestListener } from "@predikt/node/http";
import { Failure } from "../lib/failure.ts";
import type { Log } from "./log.ts";
import type { OpenModels } from "./open-models.ts";
import type { Values } from "./settings.ts";

/** A server that listens. */
export interface OpenServer {
  /** E.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Finishes what is under way and stops listening. */
  close(): Promise<void>;
}

/** Listens. @throws Failure where the address cannot be had */
export async function createServer({ models }: OpenModels, values: Values, log: Log): Promise<OpenServer> {
  const { host = "127.0.0.1", port = 3000, drainTimeoutMs } = values;
  const listener = createRequestListener({
    models,
    drainTimeoutMs,
    limits: {
      timeoutMs: values["limits.timeoutMs"],
      jsonBytes: values["limits.jsonBytes"],
      binaryBytes: values["limits.binaryBytes"],
      batchItems: values["limits.batchItems"],
    },
    onReply: values.log === "off" ? undefined : (event) => log.reply(event),
    onError: (error, requestId) => log.error(error, requestId),
  });
  const server = createHttpServer(listener);
  const url = await listen(server, host, port);
  if (!isLoopback(host)) log.warn(`listening on ${host} without authentication: whoever reaches it may use the models`);
  log.info(`listening on ${url}`, { url });
  return {
    url,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      await listener.close();
      // What is left are connections that wait for a next request, or that a browser has opened and never used.
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, () => resolve());
  });
  const { address, family, port: taken } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${taken}`;
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const { code } = error;
  if (code === "EADDRINUSE")
    return new Failure(`port ${port} is taken by another program; --port ${port + 1} is another, --port 0 a free one`, { cause: error });
  if (code === "EACCES") return new Failure(`port ${port} is not for this user; ports from 1024 are`, { cause: error });
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return new Failure(`${host} is no address of this machine; 127.0.0.1 and 0.0.0.0 are`, { cause: error });
  return error;
}

/** Whether only this machine can reach an address. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\./.test(host);
}
