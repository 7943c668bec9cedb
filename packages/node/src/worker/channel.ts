import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { guardExit } from "./exit-hook.ts";
import type { Command, Report } from "./protocol.ts";

/** How a worker ended. */
export interface Exit {
  /** For people: `exit code 1`, `signal SIGKILL`, or what it threw. */
  readonly reason: string;
  /** It was ended for holding too much memory. */
  readonly memory: boolean;
}

/** The way to one worker, wherever it runs. */
export interface Channel {
  readonly pid: number | undefined;
  /** Whether buffers can be handed over instead of copied. */
  readonly transfers: boolean;
  /** Whether it can be killed whatever it does: a process of its own, not a thread that may be in native code of this one. */
  readonly isolated: boolean;
  send(command: Command, transfer: ArrayBuffer[]): void;
  /** Whether the worker keeps this process alive. */
  hold(on: boolean): void;
  /** Ends the worker at once. Only for one that is not in native code of this process. */
  kill(): void;
}

/** What a channel tells. `onExit` comes once, and last. */
export interface ChannelEvents {
  onReport(report: Report): void;
  /** A report came that cannot be read. */
  onGarbled(error: Error): void;
  onExit(exit: Exit): void;
}

/** Starts a worker thread. */
export function startThread(entry: URL, { onReport, onGarbled, onExit }: ChannelEvents): Channel {
  const shared = new SharedArrayBuffer(8);
  // Not by `new Worker`: Next.js follows that to files, and of an address that it cannot read takes every file of the folder, on which it then fails.
  const thread = Reflect.construct(Worker, [entry, { workerData: shared, execArgv: [], name: "predikt" }]) as Worker;
  const forget = guardExit(new Int32Array(shared));
  let reason: string | undefined;
  thread.on("message", onReport);
  thread.on("messageerror", onGarbled);
  thread.on("error", (error: unknown) => {
    reason = `it threw: ${error instanceof Error ? error.message : String(error)}`;
  });
  thread.on("exit", (code) => {
    forget();
    onExit({ reason: reason ?? `exit code ${code}`, memory: false });
  });
  return {
    pid: undefined,
    transfers: true,
    isolated: false,
    send: (command, transfer) => thread.postMessage(command, transfer),
    hold: (on) => (on ? thread.ref() : thread.unref()),
    kill: () => void thread.terminate(),
  };
}

/** Starts a child process. */
export function startProcess(entry: URL, maxRssBytes: number | undefined, { onReport, onExit }: ChannelEvents): Channel {
  const child = fork(fileURLToPath(entry), [String(maxRssBytes ?? 0)], {
    serialization: "advanced",
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  let ended = false;
  const end = (exit: Exit): void => {
    if (ended) return;
    ended = true;
    onExit(exit);
  };
  child.on("message", (report) => onReport(report as Report));
  child.on("error", (error) => {
    if (child.pid === undefined) end({ reason: `it could not be started: ${error.message}`, memory: false });
  });
  child.on("exit", (code, signal) =>
    end({ reason: signal === null ? `exit code ${code}` : `signal ${signal}`, memory: signal === "SIGUSR2" }),
  );
  return {
    pid: child.pid,
    transfers: false,
    isolated: true,
    // A child that is gone already is reported by its exit.
    send: (command) => void child.send(command, () => {}),
    hold: (on) => {
      if (on) {
        child.ref();
        child.channel?.ref();
      } else {
        child.unref();
        child.channel?.unref();
      }
    },
    kill: () => void child.kill("SIGKILL"),
  };
}
