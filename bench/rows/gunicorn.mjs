import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { json, load, loadPairs, startServer } from "../lib/http.mjs";

export default {
  name: "gunicorn",
  what: "Fastify adapter with the linear model, batched, against Flask and gunicorn -w2 that serve it with numpy: server CPU per request",
  target: 0.2,
  missing() {
    if (python() === undefined) return "Flask, gunicorn and numpy are not installed: scripts/tools bench";
    return process.platform === "linux" ? undefined : "the CPU time of other processes is read from /proc, which only Linux has";
  },
  async measure({ quick }) {
    const [python, ours] = await Promise.all([startGunicorn(), startServer("batched")]);
    const request = json("/api/predict/linear", { x: 3 });
    const result = await loadPairs(
      (options) => load(python, request, options),
      (options) => load(ours, request, options),
      quick ? { rounds: 1, seconds: 1, figure: "cpuUs" } : { rounds: 7, seconds: 2, figure: "cpuUs" },
    );
    await Promise.all([python.stop(), ours.stop()]);
    return { ratio: result.ratio, gunicornUs: result.theirs, oursUs: result.ours };
  },
};

/** A Python that has what is needed: the system's own has Debian's packages, even where another is first in the path. */
function python() {
  return ["python3", "/usr/bin/python3"].find((program) => {
    try {
      execFileSync(program, ["-c", "import flask, gunicorn, numpy"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
}

async function startGunicorn() {
  const port = await freePort();
  const folder = fileURLToPath(new URL("../servers", import.meta.url));
  const child = spawn(python(), ["-m", "gunicorn", "-w2", "-b", `127.0.0.1:${port}`, "flask_app:app"], { cwd: folder, stdio: "ignore" });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 100; attempt++) {
    const up = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (up) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    cpuMs: async () => family(child.pid).reduce((sum, pid) => sum + cpuMs(pid), 0),
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** A process and its children. */
function family(pid) {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return [pid, ...pids.filter((other) => Number(stat(other)?.[1]) === pid).map(Number)];
}

/** User and system time of a process in milliseconds (proc(5): fields 14 and 15, in ticks of 10 ms). */
function cpuMs(pid) {
  const fields = stat(pid);
  return fields === undefined ? 0 : 10 * (Number(fields[11]) + Number(fields[12]));
}

/** The fields of /proc/<pid>/stat after the command's name: state, parent, … */
function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
