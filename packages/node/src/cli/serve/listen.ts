import { type AddressInfo, createServer, type Server } from "node:net";
import { Failure } from "../lib/failure.ts";

/** Listens, and gives the URL. @throws Failure where the address cannot be had */
export async function listen(server: Server, host: string, port: number, flag: string = "--port"): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, port, flag)));
    server.listen(port, host, () => resolve());
  });
  const { address, family, port: taken } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${taken}`;
}

/** A port that several processes will listen on, a free one for 0, and its URL. @throws Failure where the address cannot be had */
export async function findPort(host: string, port: number, flag: string): Promise<{ readonly port: number; readonly url: string }> {
  const server = createServer();
  const url = await listen(server, host, port, flag);
  const { port: found } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return { port: found, url };
}

/** The error of a port that cannot be had, as people read it. */
export function listenError(error: NodeJS.ErrnoException, host: string, port: number, flag: string): Error {
  const text = `${error.code ?? ""} ${error.message}`;
  const because = (message: string): Failure => new Failure(message, { cause: error });
  if (/EADDRINUSE/.test(text))
    return because(`port ${port} is taken by another program; ${flag} ${port + 1} is another, ${flag} 0 a free one`);
  if (/EACCES/.test(text)) return because(`port ${port} is not for this user; ports from 1024 are`);
  if (/EADDRNOTAVAIL|ENOTFOUND/.test(text)) return because(`${host} is no address of this machine; 127.0.0.1 and 0.0.0.0 are`);
  return error;
}

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\./.test(host);
}
