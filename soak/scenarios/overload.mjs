import { capacityOf, good } from "../lib/capacity.mjs";
import { openLoop, post, quantile } from "../lib/load.mjs";
import { startServer } from "../lib/start.mjs";

export default {
  name: "overload",
  what: "3 × capacity: goodput at least 0.85 × capacity, the rest refused with 429 in less than 50 ms, and back to normal within 2 s",
  seconds: 30,
  async run({ loops, seconds, quick }) {
    const server = await startServer({ loops, execution: "worker", maxWorkers: 1, queueLimit: 16 });
    const capacity = await capacityOf(server, quick ? 1 : 5);
    const ask = (agent) => post(agent, server.url, good);
    const { answers, generatorCpu } = await openLoop(ask, { perSecond: 3 * capacity, seconds });
    const after = await openLoop(ask, { perSecond: capacity / 2, seconds: 4 });
    const exitCode = await server.stop();
    const answered = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status === 429);
    const others = answers.length - answered.length - refused.length;
    const goodput = answered.length / seconds / capacity;
    const refusedP99Ms = quantile(
      refused.map(({ latencyMs }) => latencyMs),
      0.99,
    );
    const late = after.answers.filter(({ dueMs, status, latencyMs }) => dueMs >= 2000 && !(status === 200 && latencyMs < 250));
    return {
      pass: goodput >= 0.85 && others === 0 && refused.length > 0 && refusedP99Ms < 50 && late.length === 0 && exitCode === 0,
      capacity,
      requests: answers.length,
      goodput,
      refused: refused.length,
      refusedP99Ms,
      otherFailures: others,
      notRecovered: late.length,
      generatorCpu,
      exitCode,
    };
  },
};
