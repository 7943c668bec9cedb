import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import { median } from "./pairs.mjs";

/** Starts a program of servers/ in a process of its own. */
export async function startServer(args, program = "server.mjs") {
  const path = fileURLToPath(new URL(`../servers/${program}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...[args].flat()], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, NODE_ENV: "production" },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise((resolve) => child.on("close", resolve));
  const port = Number((await lines.next()).value);
  return {
    url: `http://127.0.0.1:${port}`,
    async cpuMs() {
      child.stdin.write("\n");
      return Number((await lines.next()).value);
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/** Loads a server for some seconds. Gives requests per second and the server's CPU time per request in microseconds. */
export async function load(server, request, { seconds, connections = 32 }) {
  const before = await server.cpuMs();
  const result = await autocannon({
    url: server.url + request.path,
    method: "POST",
    headers: request.headers,
    body: request.body,
    connections,
    duration: seconds,
  });
  const cpuMs = (await server.cpuMs()) - before;
  // gunicorn resets a few connections, at times one in fifty; that is no answer, and not counted as one.
  if (result.non2xx > 0 || result.errors > result["2xx"] / 20)
    throw new Error(`${result.non2xx} replies were refusals and ${result.errors} requests failed`);
  return { perSecond: result["2xx"] / result.duration, cpuUs: (1000 * cpuMs) / result["2xx"] };
}

/** Loads two servers in turns: the median of each round's ratio of `figure`, ours / theirs, and each one's median. */
export async function loadPairs(theirs, ours, { rounds, seconds, figure }) {
  const figures = { theirs: [], ours: [] };
  await theirs({ seconds });
  await ours({ seconds });
  for (let round = 0; round < rounds; round++) {
    for (const who of round % 2 === 0 ? ["theirs", "ours"] : ["ours", "theirs"]) {
      figures[who].push((await (who === "ours" ? ours : theirs)({ seconds }))[figure]);
    }
  }
  return {
    theirs: median(figures.theirs),
    ours: median(figures.ours),
    ratio: median(figures.ours.map((value, round) => value / figures.theirs[round])),
  };
}

/** A JSON request. */
export function json(path, body) {
  return { path, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
