import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** A server process on a port of its own. */
interface Member {
  readonly port: number;
  child: ChildProcess;
}

/** nginx asks a process again `fail_timeout` after it failed, one second; until then the other one is alone. */
const backInMs = 1500;

/** Two servers and nginx before them. */
export class Fleet {
  readonly #members: Member[];
  readonly #nginx: ChildProcess;

  private constructor(members: Member[], nginx: ChildProcess) {
    this.#members = members;
    this.#nginx = nginx;
  }

  /** @param folder Where nginx may write. */
  static async start(ports: readonly number[], config: string, folder: string): Promise<Fleet> {
    const members = await Promise.all(ports.map(async (port) => ({ port, child: await startServer(port) })));
    const nginx = spawn("nginx", ["-p", folder, "-c", config], { stdio: ["ignore", "inherit", "inherit"] });
    await Promise.race([once(nginx, "spawn"), once(nginx, "error").then(([error]) => Promise.reject(error))]);
    return new Fleet(members, nginx);
  }

  get pids(): (number | undefined)[] {
    return this.#members.map(({ child }) => child.pid);
  }

  /** Puts a new process in the place of each, one after the other: the next one goes only when the one before is back. */
  async restart(): Promise<void> {
    for (const member of this.#members) {
      await stop(member.child);
      member.child = await startServer(member.port);
      await sleep(backInMs);
    }
  }

  async close(): Promise<void> {
    await stop(this.#nginx, "SIGQUIT");
    await Promise.all(this.#members.map(({ child }) => stop(child)));
  }
}

/** Resolves when the server listens: its model is warm by then. */
async function startServer(port: number): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL("server.ts", import.meta.url)), {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    execArgv: ["--import", "tsx"],
    env: { ...process.env, PORT: String(port) },
  });
  const ended = once(child, "exit").then(([code, signal]) =>
    Promise.reject(new Error(`the server on port ${port} ended with ${code ?? signal}`)),
  );
  await Promise.race([once(child, "message"), ended]);
  ended.catch(() => {});
  return child;
}

/** SIGTERM drains: what is under way is answered. */
async function stop(child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}
