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
  const other = oneSocket();
  // The signal is on its way; until it is there, predictions are taken.
  let refused = 0;
  while (refused !== 503) {
    const asked = await send(origin, { path: "/health/ready" }, other);
    refused = asked.status;
  }
  other.destroy();
  release();
  expect(json(await reply)).toEqual({ y: { type: "float32", dims: [1, 1], data: [1] } });
  expect(await exited).toEqual([null, "SIGTERM"]);
});

it("a second signal ends it at once", async () => {
  const { child, origin, reply, exited } = await start("http", "on");
  child.kill("SIGINT");
  const other = oneSocket();
  for (let status = 0; status !== 503; ) status = (await send(origin, { path: "/health/ready" }, other)).status;
  child.kill("SIGINT");
  expect(await exited).toEqual([null, "SIGINT"]);
  await expect(reply).rejects.toMatchObject({ code: "ECONNRESET" });
  other.destroy();
});

it.each(["http", "express", "fastify"])("%s: not asked to, it leaves signals alone", async (kind) => {
  const { child, reply, exited } = await start(kind, "off");
  child.kill("SIGTERM");
  expect(await exited).toEqual([null, "SIGTERM"]);
  await expect(reply).rejects.toMatchObject({ code: "ECONNRESET" });
});
