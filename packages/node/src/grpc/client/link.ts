import type { ChannelCredentials, ChannelOptions, Client } from "@grpc/grpc-js";
import { ConfigError } from "@predikt/core";
import type { HeaderSource } from "@predikt/core/remote";
import { type Grpc, loadGrpc } from "../load-grpc.ts";

/** Where a gRPC server is, and how it is reached. */
export interface GrpcLink {
  /** For messages and `details`: `grpc://127.0.0.1:8001`. */
  readonly url: string;
  /** As gRPC's library takes it. */
  readonly address: string;
  readonly secure: boolean;
  readonly headers: HeaderSource;
  readonly credentials: ChannelCredentials | undefined;
  readonly options: ChannelOptions;
}

/** Reads a server's address: `grpc://host:port`, `grpcs://host:port` with TLS, or `host:port`. @throws ConfigError CONFIG_INVALID */
export function readAddress(url: string | URL): Pick<GrpcLink, "url" | "address" | "secure"> {
  const text = String(url);
  const [, scheme = "grpc", authority] = /^(?:(grpcs?|https?):\/\/)?([^/?#]+)\/?$/i.exec(text) ?? [];
  if (authority === undefined || authority.includes("@") || !/^(\[[^\]]+\]|[^:[\]]+)(:\d{1,5})?$/.test(authority)) {
    const received = authority?.includes("@") ? "one with user and password (give them as headers)" : "something else";
    throw new ConfigError(
      "url",
      'the address of a gRPC server, e.g. "grpc://127.0.0.1:8001" or "grpcs://models.example.com:443"',
      received,
    );
  }
  const secure = /s$/i.test(scheme);
  const address = /:\d+$/.test(authority) ? authority : `${authority}:${secure ? 443 : 80}`;
  return { url: `${secure ? "grpcs" : "grpc"}://${address}`, address, secure };
}

/** A connection to one server. gRPC's library opens it with the first call, and again where it was lost. */
export interface Connection {
  readonly grpc: Grpc;
  readonly client: Client;
}

/** Makes the connection. @throws BackendError BACKEND_MISSING */
export async function connect({ address, secure, credentials, options }: GrpcLink): Promise<Connection> {
  const grpc = await loadGrpc();
  const chosen = credentials ?? (secure ? grpc.credentials.createSsl() : grpc.credentials.createInsecure());
  return { grpc, client: new grpc.Client(address, chosen, options) };
}
