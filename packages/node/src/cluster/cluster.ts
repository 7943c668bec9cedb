import nodeCluster from "node:cluster";
import { closeOnSignals } from "../adapters/close-on-signals.ts";
import { cpuBudget } from "../worker/budget.ts";
import { runChild } from "./child.ts";
import { type Cluster, type ClusterOptions, settingsOf } from "./options.ts";
import { Parent } from "./parent.ts";

/**
 * Runs the same program in several processes that share their ports: `start` runs in each child, which is this very script, started again. In the parent
 * it resolves, once all children are ready, to what watches over them; in a child to undefined, once `start` has.
 *
 * Built on `node:cluster`, with which a server listens as it always does, whatever its framework: the parent accepts connections and gives them to the
 * children in turn. A socket that the children accept from themselves would go to whichever wakes first, mostly the same one where runs happen in worker
 * threads and event loops idle; and `SO_REUSEPORT` loses the connections that wait for a child that goes.
 *
 * A child that ends without having been asked to is started again, without end, after a delay that doubles up to a limit; only those that end before the
 * cluster was ready once make it give up. Where the parent dies, even killed, its children end.
 *
 * @throws ConfigError CONFIG_INVALID; LifecycleError NOT_READY in the parent, where a child ends, or takes too long, before all were ready; in a child,
 * what `start` throws.
 */
export async function cluster(options: ClusterOptions): Promise<Cluster | undefined> {
  const budget = cpuBudget();
  const settings = settingsOf(options, budget);
  if (nodeCluster.isWorker && process.env["PREDIKT_PROCESS_INDEX"] !== undefined) {
    await runChild(settings);
    return undefined;
  }
  const parent = new Parent(settings, budget);
  const close = settings.handleSignals ? closingOnSignals(parent) : () => parent.close();
  try {
    await parent.open();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    processes: () => parent.processes(),
    reload: () => parent.reload(),
    collect: () => parent.collect(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Puts a parent on the process's signals. Closing it takes it off them. */
function closingOnSignals(parent: Parent): () => Promise<void> {
  const reload = (): void => void parent.reload().catch(() => {});
  const close = (): Promise<void> => {
    process.off("SIGHUP", reload);
    return parent.close();
  };
  const letGo = closeOnSignals(close);
  process.on("SIGHUP", reload);
  return () => {
    letGo();
    return close();
  };
}
