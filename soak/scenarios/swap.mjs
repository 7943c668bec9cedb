import { capacityOf, good } from "../lib/capacity.mjs";
import { openLoop, post, quantile } from "../lib/load.mjs";
import { every, growth, startServer } from "../lib/start.mjs";

export default {
  name: "swap",
  what: "a new version every 2 s at half of capacity: no request fails, p99 at most 3 × that of steady load, resident memory flat (5 % over the last half)",
  seconds: 60,
  async run({ loops, seconds, quick }) {
    const server = await startServer({ loops, execution: "worker", maxWorkers: 1 });
    const capacity = await capacityOf(server, quick ? 1 : 5);
    const ask = (agent) => post(agent, server.url, good);
    const steady = await openLoop(ask, { perSecond: capacity / 2, seconds: quick ? 2 : 20 });
    const rss = [];
    let swaps = 0;
    const stopSwapping = every(2000, async () => {
      await server.ask("swap");
      swaps++;
    });
    const stopSampling = every(1000, async () => rss.push((await server.ask("facts")).rssMb));
    const { answers, generatorCpu } = await openLoop(ask, { perSecond: capacity / 2, seconds });
    await Promise.all([stopSwapping(), stopSampling()]);
    const exitCode = await server.stop();
    const p99 = ({ answers }) =>
      quantile(
        answers.map(({ latencyMs }) => latencyMs),
        0.99,
      );
    const failed = answers.filter(({ status }) => status !== 200);
    const p99Ratio = p99({ answers }) / p99(steady);
    const rssGrowth = growth(rss);
    return {
      pass: failed.length === 0 && swaps > 0 && p99Ratio <= 3 && rssGrowth <= 0.05 && exitCode === 0,
      capacity,
      requests: answers.length,
      failed: failed.length,
      swaps,
      steadyP99Ms: p99(steady),
      p99Ms: p99({ answers }),
      p99Ratio,
      rssMb: rss.at(-1),
      rssGrowth,
      generatorCpu,
      exitCode,
    };
  },
};
