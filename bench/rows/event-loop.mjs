import { tensor } from "@predikt/core";
import { createPredictor } from "@predikt/node";
import { slowModel } from "../lib/models.mjs";
import { rawSession, Tensor } from "../lib/raw.mjs";

const x = new Float32Array(512).fill(1);

export default {
  name: "event-loop",
  what: "p99 delay in ms of a 1 ms timer while a model of 100 ms or more runs continuously in a worker",
  target: 10,
  unit: "ms",
  async measure({ quick }) {
    const session = await rawSession(slowModel);
    const raw = (times) =>
      session.run({ x: new Tensor("float32", x, [1, 512]), times: new Tensor("int64", new BigInt64Array([times]), []) });
    const times = await timesFor(raw, 120);
    const predictor = await createPredictor({ source: slowModel, device: "cpu", execution: "worker", warmup: false, maxWorkers: 1 });
    const ours = () => predictor.run({ x: tensor("float32", x, [1, 512]), times: tensor("int64", times) });
    const seconds = quick ? 0.5 : 6;
    const rawDelays = await delaysDuring(() => raw(times), seconds);
    const ourDelays = await delaysDuring(ours, seconds);
    await predictor.close();
    await session.release();
    return { ratio: p99(ourDelays), rawP99Ms: p99(rawDelays), runs: "continuous", loops: Number(times) };
  },
};

/** How often the model must loop for a run to take that many milliseconds. */
async function timesFor(run, ms) {
  await run(100n);
  const started = performance.now();
  await run(1000n);
  return BigInt(Math.ceil((1000 * ms) / (performance.now() - started)));
}

/** How late each tick of a 1 ms timer came, in milliseconds, while something runs again and again. */
async function delaysDuring(run, seconds) {
  const delays = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    delays.push(Math.max(0, now - last - 1));
    last = now;
  }, 1);
  const until = performance.now() + 1000 * seconds;
  while (performance.now() < until) await run();
  // A tick that is due when the last run ends has waited for it too.
  await new Promise((resolve) => setTimeout(resolve, 5));
  clearInterval(timer);
  return delays;
}

function p99(delays) {
  return [...delays].sort((a, b) => a - b)[Math.floor(0.99 * delays.length)] ?? Number.NaN;
}
