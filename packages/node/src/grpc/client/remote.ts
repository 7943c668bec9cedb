import type { ChannelCredentials, ChannelOptions } from "@grpc/grpc-js";
import { ConfigError } from "@predikt/core";
import { checkFleetOptions, type FleetOptions, type HeaderSource, type RemoteBackend, transportBackend } from "@predikt/core/remote";
import { GrpcTransport } from "./grpc-transport.ts";
import { type GrpcLink, readAddress } from "./link.ts";

/** Options of `remote` over gRPC. */
export interface GrpcRemoteOptions extends FleetOptions {
  /** What the server speaks: the Open Inference Protocol v2 over gRPC. `remote` of `@predikt/core/remote` has the others. */
  readonly protocol?: "oip-grpc" | undefined;
  /** Metadata of every call, e.g. `authorization`; or a function that gives it anew for each attempt. */
  readonly headers?: HeaderSource | undefined;
  /** Default: by the URL, TLS with the system's authorities for `grpcs:`, none for others. */
  readonly credentials?: ChannelCredentials | undefined;
  /** Bytes that a reply may have. At least 1. Default: 256 MiB. */
  readonly maxReplyBytes?: number | undefined;
  /** Options of @grpc/grpc-js's channel, e.g. `{ "grpc.keepalive_time_ms": 60_000 }` where something on the way drops idle connections. */
  readonly channelOptions?: ChannelOptions | undefined;
}

/**
 * A model on another server as a backend, over gRPC: Triton, KServe, MLServer, or another Predikt server's raw tensors. It is `remote` of
 * `@predikt/core/remote` with another wire: several endpoints, retries, circuits and probes are the same. Tensors travel as bytes, the time left as the
 * call's deadline, and an abort cancels the call. Each endpoint has one connection, which carries all calls.
 *
 * Needs the package `@grpc/grpc-js`: opening fails with BACKEND_MISSING without it.
 *
 * @param url `grpc://host:port`, `grpcs://host:port` with TLS, or `host:port`; several of them for several endpoints.
 * @throws ConfigError CONFIG_INVALID
 */
export function remote(url: string | URL | readonly (string | URL)[], options: GrpcRemoteOptions = {}): RemoteBackend {
  checkFleetOptions(options, rules);
  const { version, headers = {}, credentials, maxReplyBytes = 256 * 2 ** 20, channelOptions } = options;
  const urls = Array.isArray(url) ? url : [url];
  if (urls.length === 0) throw new ConfigError("url", "a URL, or a list of at least one", "an empty list");
  const channel: ChannelOptions = {
    "grpc.max_receive_message_length": maxReplyBytes,
    "grpc.max_send_message_length": -1,
    // Attempts are the backend's to make, which knows the other endpoints.
    "grpc.enable_retries": 0,
    // Until gRPC's library looks again for a server that was gone it refuses every call: by itself after a second, in the end after two minutes.
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 2000,
    ...channelOptions,
  };
  const links = urls.map((each): GrpcLink => ({ ...readAddress(each as string | URL), headers, credentials, options: channel }));
  const endpoints = links.map((link) => link.url);
  if (new Set(endpoints).size < endpoints.length) throw new ConfigError("url", "each URL once", "one that comes twice");
  const connect = (endpoint: number, name: string): GrpcTransport =>
    new GrpcTransport(links[endpoint] as GrpcLink, { name, version, label: undefined });
  return transportBackend({ protocol: "oip-grpc", endpoints, connect }, options);
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

const rules = {
  protocol: {
    expected: '"oip-grpc" (for the others, take remote from @predikt/core/remote)',
    fits: (value: unknown) => value === "oip-grpc",
  },
  headers: { expected: "an object of strings, or a function", fits: (value: unknown) => isObject(value) || typeof value === "function" },
  credentials: { expected: "credentials of @grpc/grpc-js", fits: isObject },
  maxReplyBytes: {
    expected: "a whole number from 1 to 2147483647",
    fits: (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) < 2 ** 31,
  },
  channelOptions: { expected: "an object", fits: isObject },
};
