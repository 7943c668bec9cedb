import type { Server, ServerCredentials } from "@grpc/grpc-js";
import { checkTimeout } from "@predikt/core/serving";
import { type NodeOptions, withSignals } from "../adapters/node-serving.ts";
import { addPrediktServices } from "./add-services.ts";
import { loadGrpc } from "./load-grpc.ts";
import { type GrpcServiceOptions, resolveGrpcLimits } from "./options.ts";

/** Options of a gRPC server. */
export interface GrpcServerOptions extends GrpcServiceOptions, NodeOptions {}

/** Where a gRPC server listens. */
export interface ListenOptions {
  /** Default: `"127.0.0.1"`, which only this machine reaches. */
  readonly host?: string | undefined;
  /** 0 takes a free one. Default: 8001, Triton's. */
  readonly port?: number | undefined;
  /** Default: none, so that everything travels in the clear. */
  readonly credentials?: ServerCredentials | undefined;
}

/** A gRPC server with models. */
export interface GrpcServer {
  /** @grpc/grpc-js's own, for services beside these. */
  readonly server: Server;
  /** Starts to answer, and tells on which port. */
  listen(options?: ListenOptions): Promise<number>;
  /**
   * Refuses new predictions as UNAVAILABLE, waits for those under way, then closes the connections; after `drainTimeoutMs` it cuts what is left.
   * Idempotent; the predictors stay open.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a gRPC server for models: the Open Inference Protocol v2 and grpc.health.v1.
 *
 * @throws ConfigError CONFIG_INVALID; BackendError BACKEND_MISSING where @grpc/grpc-js is not installed
 */
export async function createGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { drainTimeoutMs = 10_000 } = options;
  checkTimeout("drainTimeoutMs", drainTimeoutMs);
  const { messageBytes } = resolveGrpcLimits(options.limits);
  const grpc = await loadGrpc();
  const server = new grpc.Server({
    "grpc.max_receive_message_length": messageBytes,
    "grpc.max_send_message_length": messageBytes,
  });
  const services = await addPrediktServices(server, options);

  async function drain(): Promise<void> {
    await services.close();
    await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  }

  let closing: Promise<void> | undefined;
  async function closeOnce(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        server.forceShutdown();
        resolve();
      }, drainTimeoutMs);
    });
    await Promise.race([drain(), timeout]);
    clearTimeout(timer);
  }
  const close = withSignals((): Promise<void> => {
    closing ??= closeOnce();
    return closing;
  }, options);

  return {
    server,
    listen({ host = "127.0.0.1", port = 8001, credentials = grpc.ServerCredentials.createInsecure() } = {}) {
      const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
      return new Promise((resolve, reject) =>
        server.bindAsync(address, credentials, (error, bound) => (error === null ? resolve(bound) : reject(error))),
      );
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
