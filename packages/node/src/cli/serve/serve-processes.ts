import nodeCluster from "node:cluster";
import { type ClusterEvent, cluster } from "@predikt/node/cluster";
import { exit, Failure, tell, UsageError } from "../lib/failure.ts";
import type { Terminal } from "../lib/terminal.ts";
import { findPort } from "./listen.ts";
import type { Log } from "./log.ts";
import { type Collected, startService } from "./service.ts";
import type { Values } from "./settings.ts";

/** Whether this process is a child of another `predikt serve`. */
export function isChild(): boolean {
  // The variable alone also reaches a program that a child of somebody's cluster starts.
  return nodeCluster.isWorker && process.env["PREDIKT_PROCESS_INDEX"] !== undefined;
}

/** What serving from several processes is given. */
export interface ProcessesContext {
  readonly terminal: Terminal;
  readonly log: Log;
  /** Resolves with the signal that ends it; undefined in a child. */
  readonly stop: Promise<{ readonly signal: NodeJS.Signals }> | undefined;
}

/**
 * Serves from several processes: this script is started again for each. In the parent it resolves after the drain; in a child once it serves.
 *
 * @throws UsageError; Failure where the processes do not start
 */
export async function serveProcesses(values: Values, context: ProcessesContext): Promise<number> {
  const { terminal, log, stop } = context;
  if (values.control === "explicit")
    throw new UsageError("--control explicit needs one process: what a client loads, only the process that it reached would have");
  const { processes, drainTimeoutMs = 10_000 } = values;
  const ports = stop === undefined ? givenPorts() : await findPorts(values);
  const opening = cluster({
    processes,
    env: () => ({ [portsVariable]: JSON.stringify(ports) }),
    // A child leaves SIGINT, which a terminal sends to all of them, to the parent. The parent ends with a code of its own, not by the signal.
    handleSignals: stop === undefined,
    drainTimeoutMs: drainTimeoutMs * 1.5,
    onEvent: (event) => tellEvent(event, log),
    async start(member) {
      const service = await startService({ ...values, port: ports.port, grpcPort: ports.grpcPort }, { terminal, log, child: member });
      return {
        server: service.server,
        close: () => service.close(),
        collect: async (): Promise<Collected> => ({ metrics: await service.collect() }),
      };
    },
  });
  if (stop === undefined) {
    // The channel to the parent would keep a child that failed alive.
    await opening.catch((error: unknown) => process.exit(tell(error, terminal, process.argv.includes("--debug"))));
    return exit.ok;
  }
  const running = await Promise.race([opening.catch(failed), stop]);
  if (running === undefined || "signal" in running) {
    log.info(`${running?.signal} while loading`);
    // Its children end with it.
    process.exit(exit.ok);
  }
  const reload = (): void => void running.reload().catch(() => {});
  process.on("SIGHUP", reload);
  const { url, grpcPort } = ports;
  terminal.print(url);
  log.info(`${processes} processes listen on ${url}`, { url });
  if (grpcPort !== undefined) log.info(`gRPC on port ${grpcPort}`, { grpcPort });
  const { signal } = await stop;
  log.info(`${signal}: finishing what is under way`);
  process.off("SIGHUP", reload);
  await running.close();
  log.info("closed");
  return exit.ok;
}

/** The environment variable by which a child is given its ports. */
export const portsVariable = "PREDIKT_PROCESS_PORTS";

interface Ports {
  readonly url: string;
  readonly port: number;
  readonly grpcPort: number | undefined;
}

/**
 * Finds the ports before there is a child: one that is taken is told once, and a free one stays the same where all children die at once, of which
 * `node:cluster` would keep nothing.
 */
async function findPorts({ host = "127.0.0.1", port = 3000, grpcPort }: Values): Promise<Ports> {
  const http = await findPort(host, port, "--port");
  return { ...http, grpcPort: grpcPort === undefined ? undefined : (await findPort(host, grpcPort, "--grpc-port")).port };
}

function givenPorts(): Ports {
  return JSON.parse(process.env[portsVariable] ?? "{}") as Ports;
}

function failed(error: Error): never {
  throw new Failure(`the processes did not start: ${error.message}`, { cause: error });
}

function tellEvent(event: ClusterEvent, log: Log): void {
  if (event.type === "process-started") log.info(`process ${event.index} started`, event);
  else if (event.type === "process-closed") log.info(`process ${event.index} closed`, event);
  else if (event.type === "process-lost") log.warn(`process ${event.index} was lost: ${event.reason}`, event);
  else if (event.type === "process-killed") log.warn(`process ${event.index} was killed: ${event.reason}`, event);
  else if (event.failure === undefined) log.info("all processes were replaced", event);
  else log.warn(`replacing processes stopped: ${event.failure}`, event);
}
