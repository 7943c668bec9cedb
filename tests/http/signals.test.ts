import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { json, oneSocket, send } from "./send.ts";
import { until } from "./until.ts";

const tests = fileURLToPath(new URL("..", import.meta.url));
const outDir = `${tests}node_modules/.signals-${process.pid}`;
const children: ChildProcess[] = [];
const agent = oneSocket();

beforeAll(async () => {
  await build({
    root: tests,
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["@predikt/source"] },
    ssr: { noExternal: [/^@predikt\//], resolve: { conditions: ["@predikt/source"] } },
    build: {
      ssr: `${tests}http/fixtures/signal-server.ts`,
      outDir,
      target: "node20",
      rollupOptions: { output: { entryFileNames: "server.mjs" } },
    },
  });
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});
afterAll(() => {
  agent.destroy();
  rmSync(outDir, { recursive: true, force: true });
});

/** A server with one request under way. */
async function start(kind: string, handle: "on" | "off") {
  const child = spawn(process.execPath, [`${outDir}/server.mjs`, kind, handle], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  let said = "";
  child.stdout.on("data", (part) => {
    said += part;
  });
  const exited = once(child, "exit");
  await until(() => said.includes("listening"), "listening");
  const origin = `http://127.0.0.1:${/listening (\d+)/.exec(said)?.[1]}`;
  const reply = send(origin, { path: "/predict", body: { x: [1] } }, agent);
  reply.catch(() => {});
  await until(() => said.includes("running"), "running");
  return { child, origin, reply, exited, release: () => child.stdin.write("go\n") };
}

it.each(["http", "express", "fastify"])("%s: asked to, it drains on SIGTERM, and the signal ends the process", async (kind) => {
  const { child, origin, reply, exited, release } = await start(kind, "on");
  child.kill("SIGTERM");
  await draining(origin);
  release();
  expect(json(await reply)).toEqual({ y: { type: "float32", dims: [1, 1], data: [1] } });
  expect(await exited).toEqual([null, "SIGTERM"]);
});

it.each(["http", "fastify"])("%s: a Ctrl-C that comes twice, from the terminal and from npm, is one", async (kind) => {
  const { child, origin, reply, exited, release } = await start(kind, "on");
  child.kill("SIGINT");
  await draining(origin);
  child.kill("SIGINT");
  // Signals and requests come in no order of their own: a few replies later the second one is there.
  for (let i = 0; i < 5; i++) await draining(origin);
  release();
  expect(json(await reply)).toEqual({ y: { type: "float32", dims: [1, 1], data: [1] } });
  expect(await exited).toEqual([null, "SIGINT"]);
});

it("a later signal ends it at once", async () => {
  const { child, origin, reply, exited } = await start("http", "on");
  child.kill("SIGINT");
  await draining(origin);
  const again = setInterval(() => child.kill("SIGINT"), 50);
  expect(await exited).toEqual([null, "SIGINT"]);
  clearInterval(again);
  await expect(reply).rejects.toMatchObject({ code: "ECONNRESET" });
});

it.each(["http", "express", "fastify"])("%s: not asked to, it leaves signals alone", async (kind) => {
  const { child, reply, exited } = await start(kind, "off");
  child.kill("SIGTERM");
  expect(await exited).toEqual([null, "SIGTERM"]);
  await expect(reply).rejects.toMatchObject({ code: "ECONNRESET" });
});

/** Until a signal on its way is there, predictions are taken. */
async function draining(origin: string): Promise<void> {
  const other = oneSocket();
  for (let status = 0; status !== 503; ) status = (await send(origin, { path: "/health/ready" }, other)).status;
  other.destroy();
}
