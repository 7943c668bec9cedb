// The server of the endurance runs, in a process of its own: serves a model of 10 ms or more, and does what its parent's messages ask.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { slowModel } from "@predikt/bench/models";
import { defineModel, tensor } from "@predikt/core";
import { createRegistry } from "@predikt/core/registry";
import { createPredictor } from "@predikt/node";
import { createRequestListener } from "@predikt/node/http";
import { z } from "zod";

const { loops, execution, maxWorkers, queueLimit } = JSON.parse(process.argv[2]);
const size = 512;

const slow = defineModel({
  name: "slow",
  input: z.object({ x: z.number() }),
  output: z.object({ y: z.number() }),
  encode: ({ x }) => ({ x: tensor("float32", new Float32Array(size).fill(x), [1, size]), times: tensor("int64", BigInt(loops)) }),
  decode: ({ y }) => ({ y: y.data[0] }),
  example: { x: 1 },
});

const registry = createRegistry();
let version = 0;

/** Puts a new version in the place of the one that answers. */
async function swap() {
  version++;
  const open = (signal) =>
    createPredictor(slow, { source: slowModel, version: String(version), device: "cpu", execution, maxWorkers, queueLimit, signal });
  await registry.setVersions("slow", [{ version: String(version), open }]);
  const state = registry.index().find((entry) => entry.version === String(version));
  if (state?.state !== "READY") throw new Error(`version ${version} is ${state?.state}: ${state?.reason}`);
}

/** What a process holds in memory, in MB. */
function rssMb(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
  } catch {
    return 0;
  }
}

function facts() {
  const pids = registry.list().flatMap(({ predictor }) => predictor.info.details.pids ?? []);
  const { user, system } = process.cpuUsage();
  return {
    pids,
    rssMb: rssMb(process.pid) + pids.reduce((sum, pid) => sum + rssMb(pid), 0),
    handles: process.getActiveResourcesInfo().filter((kind) => kind !== "Immediate" && kind !== "Timeout").length,
    cpuMs: (user + system) / 1000,
  };
}

const todo = { swap, facts };

await swap();
const listener = createRequestListener({ models: registry });
const server = createServer(listener);
server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
process.on("message", async ({ id, what }) => {
  if (what === "stop") {
    process.disconnect();
    return;
  }
  try {
    process.send({ id, result: (await todo[what]()) ?? null });
  } catch (error) {
    process.send({ id, error: String(error) });
  }
});
process.on("disconnect", async () => {
  await listener.close();
  server.close();
  server.closeAllConnections();
  await registry.close();
});
