import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { slowModel } from "@predikt/bench/models";
import { tensor } from "@predikt/core";
import { createPredictor } from "@predikt/node";

/** How often the slow model has to loop for a run of at least that many milliseconds on this machine: the fastest of several tells. */
export async function loopsFor(ms) {
  const predictor = await createPredictor({ source: slowModel, device: "cpu", execution: "inline" });
  const run = (loops) =>
    predictor.run({ x: tensor("float32", new Float32Array(512).fill(1), [1, 512]), times: tensor("int64", BigInt(loops)) });
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 20; i++) {
    const startedAt = performance.now();
    await run(2000);
    fastest = Math.min(fastest, performance.now() - startedAt);
  }
  await predictor.close();
  return Math.ceil((2000 * ms) / fastest);
}

/** Starts lib/server.mjs. `ask(what)` has it do something and gives the result. */
export async function startServer(options) {
  const child = fork(fileURLToPath(new URL("server.mjs", import.meta.url)), [JSON.stringify(options)]);
  const waiting = new Map();
  let last = 0;
  const ended = once(child, "exit");
  const [{ port }] = await Promise.race([
    once(child, "message"),
    ended.then(([code]) => Promise.reject(new Error(`the server ended with ${code}`))),
  ]);
  void ended.then(() => {
    for (const { reject } of waiting.values()) reject(new Error("the server has ended"));
  });
  child.on("message", ({ id, result, error }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(error));
  });
  const ask = (what) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      child.send({ id: last, what });
    });
  const stop = async () => {
    if (child.connected) child.send({ what: "stop" });
    const [code] = await ended;
    return code;
  };
  return { url: `http://127.0.0.1:${port}/predict/slow`, ask, stop };
}

/** Has something done at each interval until `stop` is called, which waits for the last. */
export function every(ms, act) {
  let stopped = false;
  let wake = () => {};
  const loop = (async () => {
    while (!stopped) {
      await new Promise((resolve) => {
        wake = resolve;
        setTimeout(resolve, ms).unref();
      });
      if (!stopped) await act();
    }
  })();
  return () => {
    stopped = true;
    wake();
    return loop;
  };
}

/** By how much the second half of the second half is above the first half of it: 0.05 is five per cent. */
export function growth(samples) {
  const half = samples.slice(Math.floor(samples.length / 2));
  const middle = Math.floor(half.length / 2);
  const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
  return median(half.slice(middle)) / median(half.slice(0, middle)) - 1;
}
