import nodeCluster from "node:cluster";
import { drainServer } from "./drain-server.ts";
import { isOurs, type ToChild, type ToParent } from "./messages.ts";
import type { ClusterService, Settings } from "./options.ts";

/** Runs a child: starts its service, says so, and does what the parent asks. Resolves once it is ready. */
export async function runChild({ start, handleSignals, drainTimeoutMs, lingerMs }: Settings): Promise<void> {
  const asked = new Map<number, (values: unknown[]) => void>();
  let lastId = 0;
  let service: ClusterService | undefined;
  let draining: Promise<void> | undefined;

  const collectAll = (): Promise<unknown[]> =>
    new Promise((resolve) => {
      asked.set(++lastId, resolve);
      send({ predikt: "collect-all", id: lastId });
    });

  async function drain(): Promise<void> {
    let failure: string | undefined;
    try {
      if (service?.server !== undefined) await drainServer(service.server, { lingerMs, timeoutMs: Math.ceil(drainTimeoutMs * 0.8) });
      await service?.close?.();
    } catch (thrown) {
      failure = String(thrown);
    }
    send({ predikt: "drained", failure });
  }

  function told(message: ToChild): void {
    switch (message.predikt) {
      case "drain":
        draining ??= drain();
        break;
      case "leave":
        nodeCluster.worker?.disconnect();
        break;
      case "collect":
        void collected(service).then((values) => send({ predikt: "collected", id: message.id, values }));
        break;
      case "all":
        asked.get(message.id)?.([...message.values]);
        asked.delete(message.id);
        break;
    }
  }

  process.on("message", (message) => isOurs(message) && told(message as ToChild));
  if (handleSignals) {
    for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
    process.on("SIGTERM", () => {
      if (draining === undefined) send({ predikt: "leaving" });
      draining ??= drain();
    });
  }
  const env = process.env;
  const [index, count, threads] = [env["PREDIKT_PROCESS_INDEX"], env["PREDIKT_PROCESS_COUNT"], env["PREDIKT_CPU_BUDGET"]].map(Number);
  service = await start({ index: index as number, count: count as number, threads: threads as number, collectAll });
  send({ predikt: "ready" });
}

/** What a service gives: one value, or none where it has nothing to give or fails at it. */
async function collected(service: ClusterService | undefined): Promise<readonly unknown[]> {
  try {
    return service?.collect === undefined ? [] : [await service.collect()];
  } catch {
    return [];
  }
}

/** A parent that has gone is not told: Node ends the child. */
function send(message: ToParent): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}
