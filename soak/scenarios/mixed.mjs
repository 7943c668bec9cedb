import { capacityOf, good } from "../lib/capacity.mjs";
import { openLoop, post, seeded } from "../lib/load.mjs";
import { every, growth, startServer } from "../lib/start.mjs";

const bad = ['{"x":"no number"}', "{", "[]", '{"y":1}'];

export default {
  name: "mixed",
  what: "half of capacity with 1 % bad requests and 1 % aborts: nothing unexpected, resident memory and handles flat",
  seconds: 600,
  async run({ loops, seconds, quick }) {
    const server = await startServer({ loops, execution: "worker", maxWorkers: 1 });
    const capacity = await capacityOf(server, quick ? 1 : 5);
    const random = seeded(7);
    const ask = async (agent, index) => {
      const draw = random();
      if (draw < 0.01) return { kind: "bad", ...(await post(agent, server.url, bad[index % bad.length])) };
      if (draw < 0.02) return { kind: "aborted", ...(await post(agent, server.url, good, { abortAfterMs: 20 * random() })) };
      return { kind: "good", ...(await post(agent, server.url, good)) };
    };
    const samples = [];
    const stopSampling = every(1000, async () => samples.push(await server.ask("facts")));
    const { answers, generatorCpu } = await openLoop(ask, { perSecond: capacity / 2, seconds });
    await stopSampling();
    const exitCode = await server.stop();
    const expected = {
      good: ({ status }) => status === 200,
      bad: ({ status }) => status === 400,
      aborted: ({ aborted, status }) => aborted || status === 200,
    };
    const unexpected = answers.filter((answer) => !expected[answer.kind](answer));
    const rssGrowth = growth(samples.map(({ rssMb }) => rssMb));
    const handleGrowth = growth(samples.map(({ handles }) => handles));
    const count = (kind) => answers.filter((answer) => answer.kind === kind).length;
    return {
      pass: unexpected.length === 0 && rssGrowth <= 0.05 && handleGrowth <= 0.05 && exitCode === 0,
      capacity,
      requests: answers.length,
      bad: count("bad"),
      aborted: count("aborted"),
      unexpected: unexpected.length,
      rssMb: samples.at(-1)?.rssMb,
      rssGrowth,
      handles: samples.at(-1)?.handles,
      handleGrowth,
      generatorCpu,
      exitCode,
    };
  },
};
