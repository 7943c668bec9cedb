import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Debian keeps servers where not everybody's PATH leads. */
const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };

/** Whether this machine has nginx; the title of a suite that needs it ends in {@link needsNginx}. */
export const hasNginx: boolean = await promisify(execFile)("nginx", ["-v"], { env }).then(
  () => true,
  () => false,
);

/** The reason that a skipped suite gives. */
export const needsNginx = "(needs nginx: scripts/tools)";

/** nginx that a test has started. */
export interface Nginx {
  readonly origin: string;
  /** What it said of errors. */
  readonly stderr: () => string;
  stop(): Promise<void>;
}

/** Runs nginx with an example's configuration in a folder of its own, each port of which is replaced by another: those given, and a free one for 3000. */
export async function startNginx(configuration: string, ports: Readonly<Record<string, number>>): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), "predikt-test-"));
  // As root, its workers are somebody else.
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "nginx-temp"));
  const port = await freePort();
  const text = readFileSync(configuration, "utf8").replaceAll(
    /127\.0\.0\.1:(\d+)/g,
    (_all, name: string) => `127.0.0.1:${name === "3000" ? port : ports[name]}`,
  );
  writeFileSync(join(folder, "nginx.conf"), text);
  const child = spawn("nginx", ["-p", folder, "-e", "stderr", "-c", "nginx.conf"], { env, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    stderr += part;
  });
  const origin = `http://127.0.0.1:${port}`;
  await reachable(origin, child, () => stderr);
  return {
    origin,
    stderr: () => stderr,
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGQUIT");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

/** Resolves once the address answers at all. */
async function reachable(origin: string, child: ChildProcess, said: () => string): Promise<void> {
  while (child.exitCode === null) {
    const answered = await fetch(origin).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nginx ended: ${said()}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
