import { availableParallelism } from "node:os";
import { load, startServer } from "../lib/http.mjs";
import { images } from "../lib/models.mjs";
import { median } from "../lib/pairs.mjs";

/** Images of a request: enough that the network's convolutions, and not HTTP or JSON, are what the CPU does. */
const rows = 32;

/**
 * Closed loop, 8 connections that are kept, one request at a time on each; the load generator runs here, on the same cores, and its CPU is shown. Three
 * servers take turns, in alternating order: one process that runs the model in worker threads, two with their share of the threads each, and one that runs
 * it on its own event loop. Cores are CPU time over wall time.
 */
export default {
  name: "processes",
  what: `digits CNN, ${rows} images a request as OIP's binary tensors: requests per second of 2 processes against 1`,
  why:
    "one process runs the model on every core already, in a worker thread each, so that a second one gains only what the first leaves of them (oneCores, " +
    "twoCores), while its event loop passes on requests and replies; against a process that runs the model on its own thread, it gains a little more",
  missing: () => (availableParallelism() < 2 ? "two processes need two cores" : undefined),
  async measure({ quick }) {
    const kinds = { one: ["1", "worker"], two: ["2", "worker"], inline: ["1", "inline"] };
    const { rounds, seconds } = quick ? { rounds: 1, seconds: 1 } : { rounds: 7, seconds: 3 };
    const names = Object.keys(kinds);
    const servers = {};
    for (const name of names) servers[name] = await startServer(kinds[name], "processes.mjs");
    const figures = Object.fromEntries(names.map((name) => [name, []]));
    for (const name of names) await load(servers[name], request, { seconds: 1, connections: 8 });
    for (let round = 0; round < rounds; round++) {
      for (const name of round % 2 === 0 ? names : names.toReversed()) figures[name].push(await measured(servers[name], seconds));
    }
    for (const name of names) await servers[name].stop();
    const each = (name, figure) => median(figures[name].map((values) => values[figure]));
    const against = (name) => median(figures.two.map(({ perSecond }, round) => perSecond / figures[name][round].perSecond));
    return {
      ratio: against("one"),
      againstInline: against("inline"),
      onePerSecond: each("one", "perSecond"),
      twoPerSecond: each("two", "perSecond"),
      inlinePerSecond: each("inline", "perSecond"),
      oneCores: each("one", "cores"),
      twoCores: each("two", "cores"),
      inlineCores: each("inline", "cores"),
      loadCores: each("two", "loadCores"),
    };
  },
};

const request = binary();

/** Bytes behind a header, as Triton's clients write it. */
function binary() {
  const floats = new Float32Array(784 * rows);
  for (const [i, image] of images(rows).entries()) floats.set(image, 784 * i);
  const head = Buffer.from(
    JSON.stringify({
      inputs: [{ name: "image", datatype: "FP32", shape: [rows, 1, 28, 28], parameters: { binary_data_size: floats.byteLength } }],
      parameters: { binary_data_output: true },
    }),
  );
  return {
    path: "/v2/models/digits/infer",
    headers: { "content-type": "application/octet-stream", "inference-header-content-length": String(head.length) },
    body: Buffer.concat([head, Buffer.from(floats.buffer)]),
  };
}

async function measured(server, seconds) {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const { perSecond, cpuUs } = await load(server, request, { seconds, connections: 8 });
  const { user, system } = process.cpuUsage(before);
  return { perSecond, cores: (perSecond * cpuUs) / 1e6, loadCores: (user + system) / 1000 / (performance.now() - startedAt) };
}
