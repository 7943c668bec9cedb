import { type Cluster, type ClusterEvent, cluster } from "@predikt/node/cluster";
import { exit, Failure, UsageError } from "../lib/failure.ts";
import type { Terminal } from "../lib/terminal.ts";
import type { Log } from "./log.ts";
import { type Collected, startService } from "./service.ts";
import type { Values } from "./settings.ts";
import { untilSignal } from "./until-signal.ts";

/** Whether this process is a child of another `predikt serve`. */
export function isChild(): boolean {
  return process.env["PREDIKT_PROCESS_INDEX"] !== undefined;
}

/**
 * Serves from several processes: this script is started again for each. In the parent it resolves after the drain; in a child once it serves.
 *
 * @throws UsageError; Failure where the processes do not start
 */
export async function serveProcesses(
  values: Values,
  { terminal, log }: { readonly terminal: Terminal; readonly log: Log },
): Promise<number> {
  if (values.control === "explicit")
    throw new UsageError("--control explicit needs one process: what a client loads, only the process that it reached would have");
  // A child leaves SIGINT, which a terminal sends to all of them, to the parent. The parent ends with a code of its own, not by the signal.
  const child = isChild();
  const stop = child ? undefined : untilSignal();
  const { processes, drainTimeoutMs = 10_000 } = values;
  let running: Cluster | undefined;
  const opening = cluster({
    processes,
    handleSignals: child,
    drainTimeoutMs: drainTimeoutMs * 1.5,
    onEvent: (event) => tell(event, log),
    async start(member) {
      const service = await startService(values, { terminal, log, child: member });
      const { url, grpcPort, server } = service;
      return {
        server,
        close: () => service.close(),
        collect: async (): Promise<Collected> => ({ url, grpcPort, metrics: await service.collect() }),
      };
    },
  });
  if (stop === undefined) {
    await opening;
    return exit.ok;
  }
  const first = await Promise.race([opening.catch(failed), stop.then(() => "stopped" as const)]);
  if (first === "stopped") {
    const late = await opening.catch(() => undefined);
    await late?.close();
    return exit.ok;
  }
  running = first as Cluster;
  const reload = (): void => void running?.reload().catch(() => {});
  process.on("SIGHUP", reload);
  const [one] = (await running.collect()) as Collected[];
  if (one !== undefined) {
    terminal.print(one.url);
    log.info(`${processes} processes listen on ${one.url}`, { url: one.url });
    if (one.grpcPort !== undefined) log.info(`gRPC on port ${one.grpcPort}`, { grpcPort: one.grpcPort });
  }
  const { signal } = await stop;
  log.info(`${signal}: finishing what is under way`);
  process.off("SIGHUP", reload);
  await running.close();
  log.info("closed");
  return exit.ok;
}

function failed(error: Error): never {
  throw new Failure(`the processes did not start: ${error.message}`, { cause: error });
}

function tell(event: ClusterEvent, log: Log): void {
  if (event.type === "process-started") log.info(`process ${event.index} started`, event);
  else if (event.type === "process-closed") log.info(`process ${event.index} closed`, event);
  else if (event.type === "process-lost") log.warn(`process ${event.index} was lost: ${event.reason}`, event);
  else if (event.type === "process-killed") log.warn(`process ${event.index} was killed: ${event.reason}`, event);
  else if (event.failure === undefined) log.info("all processes were replaced", event);
  else log.warn(`replacing processes stopped: ${event.failure}`, event);
}
