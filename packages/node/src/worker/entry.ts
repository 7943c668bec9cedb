import { parentPort, Worker, workerData } from "node:worker_threads";
import { type Command, flags } from "./protocol.ts";
import { type Post, serve } from "./serve.ts";
import { watchdogCode } from "./watchdog.ts";

/** The entry of worker threads and child processes alike. */
if (parentPort !== null) {
  const port = parentPort;
  const shared = new Int32Array(workerData as SharedArrayBuffer);
  const post: Post = {
    send: (report, transfer) => port.postMessage(report, transfer),
    busy: (on) => {
      Atomics.store(shared, flags.busy, on ? 1 : 0);
      if (!on) Atomics.notify(shared, flags.busy);
      if (on && Atomics.load(shared, flags.stop) === 1) {
        Atomics.store(shared, flags.busy, 0);
        Atomics.notify(shared, flags.busy);
        return false;
      }
      return true;
    },
    leave: () => port.close(),
  };
  port.on("message", serve(post));
  // A command that cannot be read would be waited for in vain. Nothing runs now, so that the thread may end.
  port.on("messageerror", (error) => {
    throw error;
  });
} else if (process.send !== undefined) {
  // A terminal sends Ctrl-C to the whole group; it is the parent that drains and ends its children.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
  const maxRssBytes = Number(process.argv[2] ?? 0);
  // A thread of its own, since the main one can be inside a run for as long as the run likes.
  const watchdog = new Worker(watchdogCode, { eval: true, workerData: { parent: process.ppid, maxRssBytes } });
  watchdog.unref();
  const handle = serve({
    send: (report) => process.send?.(report),
    busy: () => true,
    leave: () => process.disconnect(),
  });
  process.on("message", (command) => handle(command as Command));
  process.on("disconnect", () => process.exit(0));
}
