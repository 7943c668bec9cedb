import { capacityOf, good } from "../lib/capacity.mjs";
import { openLoop, post } from "../lib/load.mjs";
import { every, startServer } from "../lib/start.mjs";

export default {
  name: "kill",
  what: "kill -9 of a child process every 5 s at half of capacity: only what is in flight on it fails, with BACKEND_LOST",
  seconds: 60,
  async run({ loops, seconds, quick }) {
    const server = await startServer({ loops, execution: "process", maxWorkers: 2 });
    const capacity = await capacityOf(server, quick ? 1 : 5);
    let kills = 0;
    const stopKilling = every(quick ? 2000 : 5000, async () => {
      const { pids } = await server.ask("facts");
      if (pids.length === 0) return;
      process.kill(pids[kills % pids.length], "SIGKILL");
      kills++;
    });
    const { answers, generatorCpu } = await openLoop((agent) => post(agent, server.url, good), { perSecond: capacity / 2, seconds });
    await stopKilling();
    const exitCode = await server.stop();
    const lost = answers.filter(({ code }) => code === "BACKEND_LOST");
    const others = answers.filter(({ status, code }) => status !== 200 && code !== "BACKEND_LOST");
    return {
      // A child runs one request at a time.
      pass: kills > 0 && lost.length <= kills && others.length === 0 && exitCode === 0,
      capacity,
      requests: answers.length,
      kills,
      lost: lost.length,
      otherFailures: others.length,
      generatorCpu,
      exitCode,
    };
  },
};
