import { createServer, type Server } from "node:http";
import { isPrediktError } from "@predikt/core";
import type { AccessHook, MetricsSource } from "@predikt/core/serving";
import type { ClusterChild } from "@predikt/node/cluster";
import type { GrpcServer } from "@predikt/node/grpc";
import { createRequestListener } from "@predikt/node/http";
import type { Metrics } from "@predikt/node/metrics";
import type { Terminal } from "../lib/terminal.ts";
import { fileAccess } from "./access.ts";
import { isLoopback, listen, listenError } from "./listen.ts";
import type { Log } from "./log.ts";
import { type OpenModels, openModels } from "./open-models.ts";
import type { Values } from "./settings.ts";

/**
 * How long idle connections are kept, in milliseconds: longer than load balancers keep theirs, most for 60 seconds. Whoever closes first may do so while a
 * request is on its way.
 */
const keepAliveTimeout = 75_000;

/** A server that listens. */
export interface Service {
  /** E.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Port of gRPC, where there is one. */
  readonly grpcPort: number | undefined;
  readonly server: Server;
  /** What this process has measured. */
  collect(): Promise<readonly object[] | undefined>;
  /** Finishes what is under way and closes the models. The server itself has been drained before. */
  close(): Promise<void>;
}

/** What a service tells, and the process that it is where there are several. */
export interface ServiceContext {
  readonly terminal: Terminal;
  readonly log: Log;
  readonly child?: ClusterChild | undefined;
}

/** What `collect` of a child gives. */
export interface Collected {
  readonly metrics: readonly object[] | undefined;
}

/** Opens models and listens. @throws UsageError, Failure; PrediktError */
export async function startService(values: Values, context: ServiceContext): Promise<Service> {
  const { log } = context;
  const access = values.apiKeys === undefined ? undefined : await fileAccess(values.apiKeys, log);
  const models = await openModels(values.model as string, values, context);
  try {
    return await serveModels(models, values, access, context);
  } catch (error) {
    await models.close();
    throw error;
  }
}

async function serveModels(opened: OpenModels, values: Values, access: AccessHook | undefined, context: ServiceContext): Promise<Service> {
  const { log, child } = context;
  const { host = "127.0.0.1", port = 3000, drainTimeoutMs, cors } = values;
  const { models } = opened;
  const control = values.control === "explicit";
  const metrics = await metricsOf(log);
  const source = metrics === undefined || child === undefined ? metrics : await metricsOfChildren(metrics, child);
  const onError = (error: unknown, requestId: string): void => log.error(error, requestId);
  const listener = createRequestListener({
    models,
    drainTimeoutMs,
    access,
    control,
    cors: cors === undefined ? undefined : { origins: cors.includes("*") ? "*" : cors },
    metrics: source,
    limits: {
      timeoutMs: values["limits.timeoutMs"],
      jsonBytes: values["limits.jsonBytes"],
      binaryBytes: values["limits.binaryBytes"],
      batchItems: values["limits.batchItems"],
    },
    logger: log.logger,
    onReply: log.reply,
    onError,
  });
  const server = createServer({ keepAliveTimeout }, listener);
  const url = await listen(server, host, port);
  const grpc =
    values.grpcPort === undefined
      ? undefined
      : await startGrpc(opened, values, { access, log, metrics: source }).catch((error: unknown) => {
          server.close();
          metrics?.close();
          throw error;
        });
  if (!isLoopback(host) && access === undefined && (child?.index ?? 0) === 0)
    log.warn(
      `listening on ${host} without authentication: whoever reaches it may use the models${control ? ", and load and unload them" : ""}`,
    );
  return {
    url,
    grpcPort: grpc?.port,
    server,
    collect: async () => metrics?.collect(),
    async close() {
      await Promise.all([listener.close(), grpc?.server.close()]);
      server.closeAllConnections();
      metrics?.close();
      await opened.close();
    },
  };
}

async function startGrpc(
  { models }: OpenModels,
  values: Values,
  { access, log, metrics }: { readonly access: AccessHook | undefined; readonly log: Log; readonly metrics: MetricsSource | undefined },
): Promise<{ readonly server: GrpcServer; readonly port: number }> {
  const { host = "127.0.0.1", drainTimeoutMs, grpcPort = 0 } = values;
  // It has a voice of its own on stderr; what goes wrong is told here, in one line.
  process.env["GRPC_VERBOSITY"] ??= "NONE";
  const { createGrpcServer } = await import("@predikt/node/grpc");
  const server = await createGrpcServer({
    models,
    access,
    metrics,
    control: values.control === "explicit",
    drainTimeoutMs,
    limits: { timeoutMs: values["limits.timeoutMs"], messageBytes: values["limits.binaryBytes"] },
    onReply: (event) => log.call(event),
    onError: (error, requestId) => log.error(error, requestId),
  });
  try {
    return { server, port: await server.listen({ host, port: grpcPort }) };
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, host, grpcPort, "--grpc-port");
  }
}

/** Metrics need an optional package; without it everything else is served. */
async function metricsOf(log: Log): Promise<Metrics | undefined> {
  const { createMetrics } = await import("@predikt/node/metrics");
  try {
    return await createMetrics();
  } catch (error) {
    if (!isPrediktError(error, "BACKEND_MISSING")) throw error;
    log.info(`no /metrics: ${error.message}`);
    return undefined;
  }
}

/** One scrape, whichever process answers it, tells of all. */
async function metricsOfChildren(metrics: Metrics, { collectAll }: ClusterChild) {
  const { metricsOfAll } = await import("@predikt/node/metrics");
  return metricsOfAll(metrics, async () => ((await collectAll()) as Collected[]).map((part) => part.metrics));
}
