// Does something that must leave nothing behind, and closes nothing: node ends-by-itself.mjs <case> <model> [url]
import { createPredictor } from "@predikt/node";

const [what, source, url] = process.argv.slice(2);
const cases = {
  async storm() {
    const predictor = await createPredictor({ source, device: "cpu", execution: "worker", batching: true, queueLimit: 20_000 });
    const runs = Array.from({ length: 10_000 }, (_, i) => {
      const controller = new AbortController();
      if (i % 2 === 0) setTimeout(() => controller.abort(), i % 7);
      return predictor.run({ x: [[i]] }, { signal: controller.signal, timeoutMs: 60_000 });
    });
    return (await Promise.allSettled(runs)).length;
  },
  async refused() {
    return createPredictor({ source: url, device: "cpu", limits: { maxModelBytes: 1000 } }).catch(({ code }) => code);
  },
  async lost() {
    const predictor = await createPredictor({ source, device: "cpu", execution: "process" });
    const lost = new Promise((resolve) => predictor.on("backend-reported", ({ event }) => resolve(event.type)));
    const run = predictor.run({ x: [[3]] });
    process.kill(predictor.info.details.pids[0], "SIGKILL");
    await run.catch(() => {});
    // Nothing of the predictor's keeps the process up until the end of the worker is told.
    const keep = setTimeout(() => {}, 20_000);
    const type = await lost;
    clearTimeout(keep);
    return type;
  },
};
console.log(await cases[what]());
